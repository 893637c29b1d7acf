import type { CompiledWorkflow } from "../engine/model/compiled.ts";
import { ErrorName, MillraceError } from "../engine/model/errors.ts";
import { RESULT_PREFIX, resourceName } from "../engine/model/wire.ts";
import type { FunctionOptions } from "./node-function.ts";
import { OWN_NAMES } from "./own-functions.ts";

/** What may be set for the function of a domain. */
export interface DomainOptions extends FunctionOptions {
  /** Packages that are native code: they are copied beside the bundle, as they are and without their dependencies. */
  readonly nativePackages?: readonly string[];
}

/** Settings by the folder's name under `functions/`. */
export type Domains = { readonly [domain: string]: DomainOptions };

/** Lambda allows 64 characters for `<stack>_<domain>`. */
const FUNCTION_NAME_MAX_LENGTH = 64;

/** All domains that the workflows use. @throws MillraceError `InvalidDefinition` with all that is wrong */
export function usedDomains(stack: string, workflows: readonly CompiledWorkflow[], settings: Domains): string[] {
  const called = new Set(workflows.flatMap(({ functions }) => functions).filter((name) => !OWN_NAMES.includes(name)));
  const used = [...called].sort();
  const declared = new Set(workflows.flatMap(({ tasks }) => tasks.map(({ domain }) => domain)));
  const problems = [
    ...Object.keys(settings)
      .filter((domain) => !used.includes(domain))
      .map(
        (domain) =>
          `"${domain}" has settings, and no workflow calls a task of it; used are ${used.join(", ") || "none"}`,
      ),
    ...OWN_NAMES.filter((domain) => declared.has(domain)).map(
      (domain) => `functions/${domain} has the name of a function that Millrace makes itself: rename the folder`,
    ),
    ...used
      .filter((domain) => `${domain}/` === RESULT_PREFIX)
      .map((domain) => `functions/${domain} would keep its blobs where results of tasks expire: rename the folder`),
    ...used
      .map((domain) => resourceName(stack, domain))
      .filter((name) => name.length > FUNCTION_NAME_MAX_LENGTH)
      .map(
        (name) =>
          `a Lambda function cannot be called ${name}, which has ${name.length} characters; allowed are ${FUNCTION_NAME_MAX_LENGTH}`,
      ),
  ];
  if (problems.length === 0) return used;
  throw new MillraceError(ErrorName.INVALID_DEFINITION, `The functions cannot be deployed: ${problems.join("; ")}.`);
}
