import { ErrorName, MillraceError } from "../model/errors.ts";

/** A page's cursor: the place of its last item, opaque to callers. */
export function writeCursor(place: readonly string[]): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

/** @throws MillraceError `InvalidRequest` for a text that no query gave out */
export function readCursor(cursor: string): readonly string[] {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    if (Array.isArray(place) && place.length > 0 && place.every((part) => typeof part === "string")) return place;
  } catch {
    // Not JSON: refused like any other text.
  }
  throw new MillraceError(
    ErrorName.INVALID_REQUEST,
    `Cursor ${JSON.stringify(cursor.slice(0, 100))} was given out by no query. Pass the cursor of the page before, or none.`,
  );
}
