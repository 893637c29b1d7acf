import { vi } from "vitest";
import { failureOf } from "../../engine/cli/failure.ts";
import { outputTo } from "../../engine/cli/output.ts";
import { program } from "../../engine/cli/program.ts";
import type { Ended } from "./command-line.ts";

/** `millrace …` as a child process would end, without the half second that one takes to start. */
export async function inProcess(directory: string, ...words: string[]): Promise<Ended> {
  vi.stubEnv("MILLRACE_DIRECTORY", directory);
  let stdout = "";
  const said = (code: number, stderr: string): Ended => ({ code, stdout, stderr });
  try {
    await program((json) => outputTo((text) => (stdout += text), json)).parseAsync(words, { from: "user" });
    return said(0, "");
  } catch (thrown) {
    const failure = failureOf(thrown);
    if (failure === undefined) return said(0, "");
    const { error, exitCode, text } = failure;
    return said(exitCode, words.includes("--json") ? `${JSON.stringify({ error, exitCode })}\n` : `${text}\n`);
  } finally {
    vi.unstubAllEnvs();
  }
}
