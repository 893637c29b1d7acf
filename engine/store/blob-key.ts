import { ErrorName, MillraceError } from "../model/errors.ts";

/**
 * Every store checks every key that it is given, so that what works in one works in all and no key leaves its folder.
 * @throws MillraceError `InvalidRequest`
 */
export function checkBlobKey(key: string): void {
  const parts = key.split("/");
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  const wrong = parts.some((part) => ["", ".", ".."].includes(part)) || /[\u0000-\u001f\u007f]/.test(key);
  if (!wrong) return;
  throw new MillraceError(
    ErrorName.INVALID_REQUEST,
    `Blob key ${JSON.stringify(key)} is not allowed. Keys are parts joined by "/", none of them empty, "." or "..", without control characters.`,
  );
}
