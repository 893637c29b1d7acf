/** Names of the errors of the git domain; flows and callers tell them apart by these. */
export const RepositoryErrorName = {
  NOT_FOUND: "RepositoryNotFound",
  NOT_A_REPOSITORY: "NotARepository",
  CREDENTIALS_REFUSED: "CredentialsRefused",
  EMPTY: "EmptyRepository",
  DEFAULT_BRANCH_MISSING: "DefaultBranchMissing",
  /** Network, name or server trouble; may go away by itself. */
  UNREACHABLE: "RepositoryUnreachable",
  /** Another run recorded another head in the meantime. */
  CHANGED: "RepositoryChanged",
  /** Neither a git binary nor the built-in engine. */
  GIT_MISSING: "GitMissing",
} as const;
export type RepositoryErrorName = (typeof RepositoryErrorName)[keyof typeof RepositoryErrorName];

export class RepositoryError extends Error {
  override readonly name: RepositoryErrorName;

  constructor(name: RepositoryErrorName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}

/** The sentence of each error about a location, which is shown without its credentials. `reason` is git's own word. */
export function locationError(name: LocationErrorName, shown: string, reason?: string): RepositoryError {
  return new RepositoryError(
    name,
    `${SENTENCES[name](JSON.stringify(shown))}${reason === undefined ? "" : ` (${reason})`}`,
  );
}

type LocationErrorName = keyof typeof SENTENCES;

const SENTENCES = {
  RepositoryNotFound: (at: string) =>
    `There is no repository at ${at}: check the location; a path must exist on the machine that runs the task.`,
  NotARepository: (at: string) =>
    `${at} is there but is no git repository: give the folder that holds ".git" or a bare repository, or the URL that git clones.`,
  CredentialsRefused: (at: string) =>
    `${at} needs credentials or refuses those given: give a location that the machine that runs the task may read.`,
  EmptyRepository: (at: string) => `The repository at ${at} has no commits: push a first commit and add it again.`,
  DefaultBranchMissing: (at: string) =>
    `The repository at ${at} has branches, but its HEAD names none of them or is detached: set its default branch to one that exists.`,
  RepositoryUnreachable: (at: string) => `${at} could not be read: check that its server answers, and try again.`,
} satisfies { readonly [name in RepositoryErrorName]?: (at: string) => string };
