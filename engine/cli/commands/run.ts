import type { SubmitOptions, WaitOptions } from "../../client/connect.ts";
import { ErrorName, MillraceError } from "../../model/errors.ts";
import type { Priority } from "../../model/limit.ts";
import type { Schema } from "../../model/schema.ts";
import type { WorkflowDefinition } from "../../model/workflow.ts";
import { parseAhead } from "../duration.ts";
import { errorOf, follow } from "../follow.ts";
import { styled, type Output } from "../output.ts";
import { readParameters, type ParameterOptions } from "../parameters.ts";
import { runText } from "../run-text.ts";
import { findWorkflow, withSession, type PlatformOptions, type Session } from "../session.ts";

export interface SubmitCommandOptions extends PlatformOptions, ParameterOptions {
  readonly tag?: readonly string[];
  readonly idempotencyKey?: string;
  readonly priority?: Priority;
  /** When it starts: a duration from now, or a time. */
  readonly at?: string;
}

/** `millrace submit`: answers `{ id }` as soon as the run is recorded and started. */
export async function submit(output: Output, name: string, options: SubmitCommandOptions): Promise<void> {
  const definition = await findWorkflow(name);
  const request = submitOptions(definition, options);
  await withSession(options.stack, async ({ platform, workflows }) => {
    const { id } = await workflows.submitWorkflow(definition, { ...request, ...startOf(options, platform.now()) });
    output.result({ id }, id);
  });
}

export interface RunOptions extends SubmitCommandOptions {
  readonly timeout?: number;
}

/** `millrace run`: waits for the end and answers `{ run }`. @throws the error that ended the run */
export async function run(output: Output, name: string, options: RunOptions): Promise<void> {
  const definition = await findWorkflow(name);
  const request = submitOptions(definition, options);
  const body = async (session: Session): Promise<void> => {
    const { platform, workflows } = session;
    const { id } = await workflows.submitWorkflow(definition, { ...request, ...startOf(options, platform.now()) });
    output.progress(`${styled("bold", definition.name)}\n  run ${id} submitted`);
    const ended = await follow(session, id, output, waitOptions(id, options));
    output.result({ run: ended }, `\n${runText(ended)}`);
    const error = errorOf(ended);
    if (error !== undefined) throw error;
  };
  await withSession(options.stack, body, { drive: true });
}

function waitOptions(id: string, { timeout }: RunOptions): WaitOptions {
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort(stoppedWaiting(id)));
  return { signal: interrupt.signal, ...(timeout === undefined ? {} : { timeoutSeconds: timeout }) };
}

function submitOptions(definition: WorkflowDefinition, options: SubmitCommandOptions): SubmitOptions<Schema> {
  const { tag, idempotencyKey, priority } = options;
  return {
    parameters: readParameters(definition, options),
    ...(tag === undefined ? {} : { tags: tag }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(priority === undefined ? {} : { priority }),
  };
}

function startOf({ at }: SubmitCommandOptions, now: number): { readonly startAt?: number } {
  if (at === undefined) return {};
  const startAt = parseAhead(at, now);
  if (startAt !== undefined) return { startAt };
  throw new MillraceError(
    ErrorName.INVALID_REQUEST,
    `--at ${JSON.stringify(at)} is neither a duration nor a time. Give one such as 30min, 2h, 7d, or 2026-11-24T08:00:00Z.`,
  );
}

function stoppedWaiting(id: string): MillraceError {
  return new MillraceError(
    ErrorName.WAIT_TIMED_OUT,
    `You stopped waiting for run ${id}; it has not ended. A local run goes on while \`npm start\` is up, one on AWS by itself: \`millrace show ${id}\`.`,
  );
}
