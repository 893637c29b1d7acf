/** Tags of a run: an additive set of texts. Names and render rule are Infrahub's (`infrahub/workflows/constants.py`). */

export const TAG_NAMESPACE = "infrahub.app";

export const WorkflowTag = {
  BRANCH: "branch/{identifier}",
  WORKFLOWTYPE: "workflow-type/{identifier}",
  DATABASE_CHANGE: "database-change",
  RELATED_NODE: "node/{identifier}",
} as const;
export type WorkflowTag = (typeof WorkflowTag)[keyof typeof WorkflowTag];

/** A tag as it stands on a run: `infrahub.app/branch/main`; without an identifier `infrahub.app/database-change`. */
export function renderTag(tag: WorkflowTag, identifier?: string): string {
  return `${TAG_NAMESPACE}/${identifier === undefined ? tag : tag.replace("{identifier}", () => identifier)}`;
}

/** What `addTags` takes: branches and nodes render as above, `others` stand as they are. */
export interface TagRequest {
  readonly branches?: readonly string[];
  readonly nodes?: readonly string[];
  readonly others?: readonly string[];
  /** Also mark the run as one that changes the database. */
  readonly databaseChange?: boolean;
}

export function renderTags(request: TagRequest): string[] {
  return [
    ...(request.branches ?? []).map((branch) => renderTag(WorkflowTag.BRANCH, branch)),
    ...(request.nodes ?? []).map((node) => renderTag(WorkflowTag.RELATED_NODE, node)),
    ...(request.others ?? []),
    ...(request.databaseChange === true ? [renderTag(WorkflowTag.DATABASE_CHANGE)] : []),
  ];
}

/** Longest tag, in UTF-16 units: a tag is part of a DynamoDB key. */
const TAG_MAX_LENGTH = 256;

/** What the run index calls its own lists of runs, beside those of tags, begins so. */
export const INDEX_PREFIX = "run:";

/** Why a text cannot be a tag, or nothing. Tags are parts of keys, so control characters and `#` are refused. */
export function tagProblem(tag: string): string | undefined {
  if (tag.length === 0) return "a tag cannot be empty";
  if (tag.length > TAG_MAX_LENGTH) return `a tag has at most ${TAG_MAX_LENGTH} characters, this one ${tag.length}`;
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f#]/.test(tag)) return `a tag has no "#" and no control characters: ${JSON.stringify(tag)}`;
  if (tag.startsWith(INDEX_PREFIX))
    return `a tag cannot begin with "${INDEX_PREFIX}", which is kept for the index of runs: ${JSON.stringify(tag)}`;
  return undefined;
}

/** The nodes that a run's tags relate it to, in the order of the tags. */
export function relatedNodes(tags: readonly string[]): string[] {
  return identifiersOf(WorkflowTag.RELATED_NODE, tags);
}

/** The branches that a run's tags name: a merge has two. */
export function branchesOf(tags: readonly string[]): string[] {
  return identifiersOf(WorkflowTag.BRANCH, tags);
}

function identifiersOf(tag: WorkflowTag, tags: readonly string[]): string[] {
  const start = renderTag(tag, "");
  return tags.filter((one) => one.startsWith(start)).map((one) => one.slice(start.length));
}
