import * as z from "zod";

/** Where a repository is fetched from. A relative path would mean another place in each process, so it is refused. */
export const Location = z
  .string()
  .max(2000)
  .refine(
    (location) => /^(?:\/|[\w.-]+@[\w.-]+:)/.test(location) || (URL_START.test(location) && URL.canParse(location)),
    "must be an absolute path, a URL (https, http, ssh, git or file) or user@host:path",
  )
  .refine(
    (location) => !URL.canParse(location) || new URL(location).password === "",
    "must hold no password, which would be kept with the run: let git's credential helper or ssh answer for it",
  );

const URL_START = /^(?:(?:https?|ssh|git):\/\/|file:\/\/\/)/;

/** The branch of the data that is always there. */
export const MAIN_BRANCH = "main";

/** Name of a branch of Infrahub's kind: the branch of the data, not of the git repository. */
export const BranchName = z
  .string()
  .max(200)
  .regex(/^\w[\w./-]*$/, 'must be letters, digits, "_", ".", "/" and "-", such as "main"');

const RepositoryId = z
  .string()
  .max(64)
  .regex(/^\w[\w.-]*$/, 'must be letters, digits, "_", "." and "-"');

/** Commit id in hex. */
const CommitId = z.string();

export const AddRepository = z.object({
  location: Location,
  /** Unique; the repository's id is derived from it where none is given. */
  repositoryName: z.string().max(100).regex(/\S/, "must not be blank"),
  repositoryId: RepositoryId.nullable().default(null),
  branchName: BranchName.default(MAIN_BRANCH),
});
export type AddRepository = z.infer<typeof AddRepository>;

export const RepositoryAdded = z.object({
  status: z.enum(["added", "updated", "unchanged"]),
  repositoryId: z.string(),
  /** The git repository's own default branch. */
  defaultBranch: z.string(),
  head: CommitId,
});
export type RepositoryAdded = z.infer<typeof RepositoryAdded>;

export const FindRepository = AddRepository.omit({ location: true }).required();

/** What is known of a repository in a branch; nulls where it was never recorded. */
export const KnownRepository = z.object({
  repositoryId: z.string(),
  location: z.string().nullable(),
  defaultBranch: z.string().nullable(),
  head: CommitId.nullable(),
});

export const InspectRemote = z.object({ location: Location, branchName: BranchName });

export const Remote = z.object({
  /** The location as it may be kept: without credentials. */
  location: z.string(),
  defaultBranch: z.string(),
  /** The git branch that the data branch follows. */
  branch: z.string(),
  /** Of that branch. */
  head: CommitId,
});

export const CloneRepository = z.object({ repositoryId: z.string(), location: Location, branch: z.string() });

/** Names of a tree's top level that a `Head` has at most. */
export const ENTRIES_LIMIT = 100;

/** The newest commit of a branch with what its tree holds, of bounded size. */
export const Head = z.object({
  commit: CommitId,
  author: z.string(),
  /** First line of the message. */
  subject: z.string(),
  /** Milliseconds since the epoch. */
  committedAt: z.number(),
  files: z.number(),
  /** The first names of the tree's top level; those of directories end with "/". */
  entries: z.array(z.string()).max(ENTRIES_LIMIT),
});
export type Head = z.infer<typeof Head>;

/** A stored bare repository: a tar that git works on as soon as it is unpacked. */
export const Clone = Head.extend({ blob: z.string(), size: z.number() });
export type Clone = z.infer<typeof Clone>;

export const RecordRepository = z.object({
  repositoryId: z.string(),
  repositoryName: z.string(),
  branchName: z.string(),
  location: z.string(),
  defaultBranch: z.string(),
  /** The head that the recorded one must still be. */
  previousHead: CommitId.nullable(),
  clone: Clone,
});
export type RecordRepository = z.infer<typeof RecordRepository>;

export const RepositoryBranch = z.object({ repositoryId: z.string(), branchName: z.string() });

export const ListObjects = z.object({ kind: z.string(), branch: z.string() });

/** A recorded object as it is, good or bad. */
export const InventoryObject = z.object({
  kind: z.string(),
  id: z.string(),
  branch: z.string(),
  displayLabel: z.string(),
  name: z.string(),
  location: z.string(),
  /** Empty where none is known. */
  head: CommitId,
});
export type InventoryObject = z.infer<typeof InventoryObject>;

/** Each metric on its own: null where it could not be measured. */
export const RepositoryMetrics = z.object({ repositories: z.number().nullable(), storedBytes: z.number().nullable() });

/** Branches that one tick of the sync starts a run for, and failures that it answers with, at most. */
export const SYNC_LIMIT = 50;

export const RepositoriesSynced = z.object({
  /** Repositories whose remotes were asked. */
  checked: z.number(),
  /** Branches whose remote moved since it was recorded, each with the run that fetches and records it. */
  moved: z
    .array(z.object({ repositoryId: z.string(), branchName: z.string(), head: CommitId, run: z.string() }))
    .max(SYNC_LIMIT),
  /** The first repositories that could not be asked, and why; the log has all of them. */
  failed: z.array(z.object({ repositoryId: z.string(), message: z.string() })).max(SYNC_LIMIT),
});
export type RepositoriesSynced = z.infer<typeof RepositoriesSynced>;
