import { createInterface } from "node:readline/promises";
import { ErrorName, MillraceError } from "../model/errors.ts";
import type { Output } from "./output.ts";

/**
 * Whether it shall be done: `--yes` says so, else whoever sits at the terminal.
 * @throws MillraceError `InvalidRequest` where nobody can be asked
 */
export async function confirm(question: string, output: Output, yes = false): Promise<boolean> {
  if (yes) return true;
  if (output.json || !process.stdin.isTTY || !process.stdout.isTTY) {
    throw new MillraceError(
      ErrorName.INVALID_REQUEST,
      `${question} Nobody can be asked here: add --yes where it shall be done.`,
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(?:es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
