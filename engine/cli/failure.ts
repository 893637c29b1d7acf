import { CommanderError } from "commander";
import { ErrorName, isMillraceError, RunFailed, toError, type RunError } from "../model/errors.ts";
import { ExitCode, exitCodeOf } from "./exit-codes.ts";

/** How the command line ends when it did not do what was asked. */
export interface Failure {
  readonly error: RunError;
  readonly exitCode: ExitCode;
  /** For people: one sentence; what happened, where, and for a bug of ours the stack. */
  readonly text: string;
}

/** Nothing where commander only printed the help that was asked for. */
export function failureOf(thrown: unknown): Failure | undefined {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? undefined : usage(thrown);
  const error = toError(thrown);
  const { name, message, stack = message } = error;
  const exitCode = exitCodeOf(error);
  if (isMillraceError(error)) return { error: { name, message }, exitCode, text: message };
  if (!(error instanceof RunFailed)) return { error: { name, message }, exitCode, text: stack };
  const { at } = error;
  const text = `${name}: ${message}`;
  return at === undefined
    ? { error: { name, message }, exitCode, text }
    : { error: { name, message, at }, exitCode, text: `${text}\n    at ${at}` };
}

function usage({ code, message }: CommanderError): Failure {
  const said =
    code === "commander.help" ? "no command was given" : message.replace(/^error: /, "").replace(/\s+/g, " ");
  const what = said.charAt(0).toUpperCase() + said.slice(1) + (/[.?)]$/.test(said) ? "" : ".");
  const text = `${what} \`millrace --help\` lists the commands.`;
  return { error: { name: ErrorName.INVALID_REQUEST, message: text }, exitCode: ExitCode.USAGE, text };
}

/** Says on standard error what went wrong, with `--json` as `{ error, exitCode }`, and answers the exit code. */
export function tellFailure(thrown: unknown, json: boolean): ExitCode {
  const failure = failureOf(thrown);
  if (failure === undefined) return ExitCode.OK;
  const { error, exitCode, text } = failure;
  process.stderr.write(`${json ? JSON.stringify({ error, exitCode }) : text}\n`);
  return exitCode;
}
