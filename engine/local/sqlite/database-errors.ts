import { ErrorName, MillraceError } from "../../model/errors.ts";

/** Result codes of SQLite that a user can do something about; the low byte of an extended code. */
const FIXES: { readonly [code: number]: string } = {
  5: "is locked by another process for too long. End that process, or try again",
  8: "cannot be written. Give this user write permission to it and to its folder, or set MILLRACE_DIRECTORY",
  10: "cannot be read or written by the disk. Check the disk, or set MILLRACE_DIRECTORY to another one",
  11: "is damaged. Move it away to start empty, or restore a copy of it",
  13: "cannot grow: the disk is full. Free some space",
  14: "cannot be opened. Give this user write permission to its folder, or set MILLRACE_DIRECTORY",
  26: "is not a database. Move it away to start empty, or restore a copy of it",
};

/** SQLite's error as one sentence with its fix; anything else stays as it is. */
export function explain(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return error;
  const fix = FIXES[error.errcode & 0xff];
  return fix === undefined ? error : unavailable(`${path} ${fix}.`, error);
}

/** A file stands where a folder belongs. */
export function inTheWay(path: string): MillraceError {
  return unavailable(`${path} is a file: move it away, or set MILLRACE_DIRECTORY to another folder.`);
}

export function unavailable(message: string, cause?: unknown): MillraceError {
  return new MillraceError(ErrorName.PLATFORM_UNAVAILABLE, message, cause === undefined ? undefined : { cause });
}

/** True where a statement met a row of the same key. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && (error.errcode === 1555 || error.errcode === 2067);
}
