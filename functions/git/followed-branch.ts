import type { RemoteHeads } from "./git-port.ts";
import { MAIN_BRANCH } from "./models.ts";

/**
 * The branch of a git repository that a branch of the data follows, and its head: the one of the same name, or else the
 * default branch. The main branch of the data always follows the default branch, whatever the two are called.
 */
export function followedBranch(
  { defaultBranch, heads }: RemoteHeads,
  branchName: string,
): { readonly branch: string; readonly head: string } {
  const branch = branchName !== MAIN_BRANCH && heads.has(branchName) ? branchName : defaultBranch;
  return { branch, head: heads.get(branch) ?? "" };
}
