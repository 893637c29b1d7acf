import { once } from "node:events";
import { join } from "node:path";
import { GIT_REPOSITORY_ADD } from "../../../catalogue/git.ts";
import { WORKFLOWS } from "../../../catalogue/index.ts";
import { createSampleRepository } from "../../../functions/git/sample-repository.ts";
import { connect, type Workflows } from "../../client/connect.ts";
import { local, type LocalPlatform } from "../../local/local.ts";
import { ErrorName, MillraceError } from "../../model/errors.ts";
import { runIdOf } from "../../model/run-id.ts";
import { firesAfter } from "../../model/schedule.ts";
import { formatDuration, formatTime } from "../duration.ts";
import { tellFailure } from "../failure.ts";
import { errorOf, follow } from "../follow.ts";
import { absoluteLocation, repositoryName } from "../location.ts";
import { styled, type Output } from "../output.ts";
import { runTable, runText, stateText } from "../run-text.ts";
import { formatTable } from "../table.ts";

export interface StartOptions {
  readonly location?: string;
  readonly once?: boolean;
}

interface LocalSession {
  readonly platform: LocalPlatform;
  readonly workflows: Workflows;
}

const EARLIER_RUNS = 5;

/**
 * `npm start`: the local platform, one run of `git-repository-add-read-write` before the user's eyes, then schedules and
 * further runs until Ctrl-C. With `--json`: `{ directory, runs }` of earlier runs, `{ run, steps, logs }`,
 * `{ schedules }`, and `{ run }` for each run that ends besides.
 * @throws with `--once` the error that ended the run
 */
export async function start(output: Output, options: StartOptions): Promise<void> {
  const stopped = new MillraceError(
    ErrorName.WAIT_TIMED_OUT,
    "Stopped before the run ended; `npm start` goes on with it.",
  );
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interrupt.abort(stopped));
  const platform = local();
  const session = { platform, workflows: connect(platform) };
  const seen = new Set<string>();
  const first = Promise.withResolvers<string>();
  try {
    await platform.start({
      onStep: (execution) => {
        const id = runIdOf(execution);
        if (!seen.has(id)) void tellEnd(session, output, id, first.promise);
        seen.add(id);
      },
      onChange: () => output.progress("Saved sources compiled; the next run has them."),
      onError: (error) => {
        if (platform.driving) tellFailure(error, output.json);
        else interrupt.abort(error);
      },
    });
    await tellEarlier(session, output);
    const id = await addRepository(session, output, options.location);
    first.resolve(id);
    const error = await showRun(session, output, id, interrupt.signal);
    if (options.once === true) {
      if (error !== undefined) throw error;
      return;
    }
    if (error !== undefined) tellFailure(error, output.json);
    tellSchedules(platform, output);
    if (!interrupt.signal.aborted) await once(interrupt.signal, "abort");
    interrupt.signal.throwIfAborted();
  } catch (error) {
    if (error !== stopped || options.once === true) throw error;
    output.progress("\nStopped; `npm start` goes on from here.");
  } finally {
    await platform.close();
  }
}

async function tellEarlier({ platform, workflows }: LocalSession, output: Output): Promise<void> {
  const { runs } = await workflows.queryRuns({ limit: EARLIER_RUNS });
  const { directory } = platform;
  const earlier = runs.length === 0 ? "" : `\nEarlier runs:\n${runTable(runs)}\n`;
  output.result({ directory, runs }, `${styled("bold", "Millrace")}, local platform in ${directory}\n${earlier}`);
}

/** Answers the id of the run. */
async function addRepository(session: LocalSession, output: Output, given: string | undefined): Promise<string> {
  const parameters = await repository(session, given);
  const { id } = await session.workflows.submitWorkflow(GIT_REPOSITORY_ADD, { parameters });
  output.progress(`${styled("bold", GIT_REPOSITORY_ADD.name)}  ${parameters.location}\n  run ${id} submitted`);
  return id;
}

/** Answers the error that the run ended with, or nothing. */
async function showRun(
  session: LocalSession,
  output: Output,
  id: string,
  signal: AbortSignal,
): Promise<Error | undefined> {
  const run = await follow(session, id, output, { signal });
  const [steps, logs] = await Promise.all([session.workflows.steps(id), session.workflows.logs(id)]);
  output.result({ run, steps, logs }, `\n${runText(run, steps)}\n`);
  return errorOf(run);
}

async function repository({ platform }: LocalSession, given: string | undefined) {
  if (given === undefined) {
    return createSampleRepository(join(platform.directory, "sample-repository")).catch((error: Error) => {
      if (error.name !== "GitMissing") throw error;
      throw new MillraceError(ErrorName.PLATFORM_UNAVAILABLE, error.message, { cause: error });
    });
  }
  const location = absoluteLocation(given, process.env["INIT_CWD"] ?? process.cwd());
  return { location, repositoryName: repositoryName(location) };
}

function tellSchedules(platform: LocalPlatform, output: Output): void {
  const now = platform.now();
  const schedules = WORKFLOWS.flatMap((workflow) => {
    const next = firesAfter(workflow, now)[Symbol.iterator]().next();
    return next.done === true ? [] : [{ workflow: workflow.name, cron: workflow.cron, next: next.value }];
  });
  const rows = schedules.map(({ workflow, next }) => [
    `  ${workflow}`,
    formatTime(next),
    `in ${formatDuration(next - now)}`,
  ]);
  output.result({ schedules }, `Next schedules:\n${formatTable(rows)}\n`);
  output.progress(
    "Ready for further runs: `npx millrace run <workflow> --param name=value` in another terminal. Ctrl-C stops.",
  );
}

/** Tells the end of a run that this process drives besides the first: of another command, or of a schedule. */
async function tellEnd({ workflows }: LocalSession, output: Output, id: string, first: Promise<string>): Promise<void> {
  const run = await workflows.waitForRun(id).catch(() => undefined); // `onError` tells why there is no end
  if (run === undefined || id === (await first)) return;
  output.result({ run }, `${formatTime(run.createdAt)}  ${stateText(run)}  ${run.name}  ${id}`);
}
