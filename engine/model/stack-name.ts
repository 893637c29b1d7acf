import { ErrorName, MillraceError } from "./errors.ts";
import { STACK_NAME, STACK_NAME_MAX_LENGTH } from "./wire.ts";

export const DEFAULT_STACK = "millrace";

/** @throws MillraceError `InvalidRequest` for a name that cannot be the prefix of a stack's resources */
export function checkStackName(name: unknown): string {
  if (typeof name === "string" && name.length <= STACK_NAME_MAX_LENGTH && STACK_NAME.test(name)) return name;
  throw new MillraceError(
    ErrorName.INVALID_REQUEST,
    `A stack cannot be called ${JSON.stringify(name)}: a name starts with a letter, has letters, digits and "-" only, ` +
      `and at most ${STACK_NAME_MAX_LENGTH} characters. Choose another, such as "${DEFAULT_STACK}".`,
  );
}
