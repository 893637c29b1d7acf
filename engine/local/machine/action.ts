import type { Json } from "../../model/json.ts";
import { collectItems, runBranches } from "./branches.ts";
import { StateFailed, type Failure } from "./failure.ts";
import { covers, nextRetry } from "./retry.ts";
import { withinLimit } from "./limit.ts";
import type { Exit } from "./past.ts";
import { sleepUntil } from "./stop.ts";
import { callTask } from "./task.ts";
import { awaitAnswer, callAndAwait, newCallback } from "./callback.ts";
import type { Visit } from "./visit.ts";

/** A Task, Map or Parallel: attempts until one succeeds, or its failure is not retried; a catcher may take that. */
export async function performAction(visit: Visit): Promise<Exit> {
  const { frame, state } = visit;
  for (;;) {
    try {
      if (visit.until !== undefined) await pause(visit, visit.until);
      return await attempt(visit);
    } catch (thrown) {
      frame.signal.throwIfAborted();
      if (!(thrown instanceof StateFailed)) throw thrown;
      const { error } = thrown.failure;
      const retry = nextRetry(state.retriers, visit.retriers, error, () => frame.execution.host.random());
      if (retry === undefined) return caught(visit, thrown);
      visit.retry(thrown.failure, retry);
    }
  }
}

async function pause(visit: Visit, until: number): Promise<void> {
  const { frame } = visit;
  await sleepUntil(frame.execution.host.clock, until, frame.signal);
  visit.until = undefined;
  visit.from = frame.now();
}

async function attempt(visit: Visit): Promise<Exit> {
  const { state } = visit;
  const result = withinLimit(await work(visit), `the result of state ${JSON.stringify(state.name)}`);
  const results = await visit.results(state.results, { result });
  return visit.exit({ output: result, ...results, ...visit.onward });
}

async function work(visit: Visit): Promise<Json> {
  const { state } = visit;
  if (visit.callback?.called === true) return awaitAnswer(visit, visit.callback);
  if (state.isCallback) visit.callback ??= await newCallback(visit);
  const given = visit.given === undefined ? await gather(visit) : visit.given;
  visit.given = undefined;
  await announce(visit, given);
  if (visit.callback !== undefined) return callAndAwait(visit, visit.callback, given);
  return state.definition.Type === "Task" ? callTask(visit, given) : runBranches(visit, given);
}

/** What the attempt works on: a Task's arguments, a Parallel's input of its branches, the inputs of a Map's items. */
async function gather(visit: Visit): Promise<Json> {
  const { state, input } = visit;
  if (state.definition.Type === "Map") return collectItems(visit);
  const given = await visit.evaluate(state.fields.Arguments);
  return given === undefined ? input : given;
}

/** Makes durable what the work builds on. What only chance or the clock could give again is recorded before it acts. */
async function announce(visit: Visit, given: Json): Promise<void> {
  const { frame, state, entered, attempt, callback } = visit;
  await frame.written;
  frame.signal.throwIfAborted();
  const { used } = frame.chance;
  if (used || frame.exits.length > 0) {
    frame.record("started", state.name, {
      entered,
      ...(attempt === 1 ? {} : { attempt }),
      ...(used ? { given } : {}),
      ...(callback === undefined ? {} : { callback }),
    });
    if (used) await frame.written;
  }
}

async function caught(visit: Visit, thrown: StateFailed): Promise<Exit> {
  const catcher = visit.state.catchers.find(({ names }) => covers(names, thrown.failure.error));
  if (catcher === undefined) throw thrown;
  const errorOutput = errorOutputOf(thrown.failure);
  const results = await visit.results(catcher.results, { errorOutput });
  return visit.exit({ output: errorOutput, ...results, next: catcher.next, ...thrown.failure });
}

function errorOutputOf({ error, cause }: Failure): { [key: string]: Json } {
  return { ...(error === "" ? {} : { Error: error }), ...(cause === undefined ? {} : { Cause: cause }) };
}
