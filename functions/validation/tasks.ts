import { task, type TaskScope } from "millrace";
import * as z from "zod";
import { RepositoryError, RepositoryErrorName } from "../git/errors.ts";
import { openGit } from "../git/git-port.ts";
import { InventoryObject } from "../git/models.ts";

/** False, with its reasons in the log and in the object's record, for an object that is not as it should be. */
export const validateSingleObject = task(
  {
    name: "validate-single-object",
    runName: "Validate {displayLabel}",
    input: InventoryObject,
    output: z.boolean(),
    retries: 3,
    retryDelaySeconds: 10,
    timeoutSeconds: 120,
  },
  async (object, scope) => {
    const { items, log, run } = scope;
    const problems = [...recordProblems(object), ...(await locationProblems(object, scope))];
    const valid = problems.length === 0;
    if (valid) log.info(`${object.displayLabel} is valid`);
    else log.warn(`${object.displayLabel} is not valid: ${problems.join(" ")}`, { object: object.id, problems });
    await items.put({
      pk: `validated/${object.branch}`,
      sk: `${object.kind}/${object.id}`,
      valid,
      problems,
      run: run.id,
      checkedAt: scope.now(),
    });
    return valid;
  },
);

/** What the record alone tells. */
function recordProblems({ name, head }: InventoryObject): string[] {
  return [
    ...(name.trim() === "" ? ["It has no name: give it one."] : []),
    ...(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(head) ? [] : ["It has no head commit: add the repository again."]),
  ];
}

/** A location that might answer a moment later is an error, so that the task is retried; the last attempt reports it. */
async function locationProblems({ location }: InventoryObject, { run, signal }: TaskScope): Promise<string[]> {
  if (location === "") return ["It has no location: add the repository again."];
  const git = await openGit();
  try {
    await git.inspect(location, signal);
    return [];
  } catch (error) {
    if (!(error instanceof RepositoryError)) throw error;
    if (error.name === RepositoryErrorName.UNREACHABLE && run.attempt <= (validateSingleObject.options.retries ?? 0))
      throw error;
    return [error.message];
  }
}
