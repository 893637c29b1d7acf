import { setTimeout as sleep } from "node:timers/promises";
import type { WaitOptions } from "../client/connect.ts";
import { ErrorName, MillraceError, RunFailed } from "../model/errors.ts";
import type { Run } from "../model/run.ts";
import { eventText } from "./run-text.ts";
import type { Output } from "./output.ts";
import type { Session } from "./session.ts";
import { Shown, timeline } from "./timeline.ts";

/** Pause between two looks at a run's history; on AWS each look is a paid, throttled request. */
const PAUSE_MS = { local: 40, aws: 2_000 } as const;

/** Waits for the end of a run and tells its steps and log lines as they come. */
export async function follow(session: Session, id: string, output: Output, options: WaitOptions = {}): Promise<Run> {
  const { platform, workflows } = session;
  if (output.json) return workflows.waitForRun(id, options);
  const shown = new Shown();
  const tell = async (ended: boolean) => {
    const [steps, logs] = await Promise.all([workflows.steps(id), workflows.logs(id)]);
    for (const event of shown.news(timeline(steps, logs, ended))) {
      const text = eventText(event);
      if (text !== undefined) output.progress(text);
    }
  };
  const over = new AbortController();
  const waiting = workflows.waitForRun(id, options).finally(() => over.abort());
  waiting.catch(() => undefined); // told by the `await` below, which `tell` may come before
  while (!over.signal.aborted) {
    await tell(false);
    await sleep(PAUSE_MS[platform.kind], undefined, { signal: over.signal }).catch(() => undefined);
  }
  const run = await waiting;
  await tell(true);
  return run;
}

/** The error that a run ended with, or nothing where it completed. */
export function errorOf(run: Run): Error | undefined {
  if (!("error" in run)) return undefined;
  const { id, state, error } = run;
  if (state === "failed") return new RunFailed(id, error);
  if (state === "timed-out") return new MillraceError(ErrorName.RUN_TIMED_OUT, `Run ${id} timed out: ${error.message}`);
  const name = error.name === ErrorName.LIMIT_REACHED ? ErrorName.LIMIT_REACHED : ErrorName.RUN_CANCELLED;
  return new MillraceError(name, `Run ${id} was cancelled: ${error.message}`);
}
