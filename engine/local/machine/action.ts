import type { Json } from "../../model/json.ts";
import { runBranches } from "./branches.ts";
import { EvaluationFailed, StateFailed, StatesError, told, type Failure } from "./failure.ts";
import { collectItems } from "./items.ts";
import { calledName, taskEvents } from "./lane.ts";
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
      const { failure } = thrown instanceof EvaluationFailed ? visit.notEvaluated(thrown) : thrown;
      const retry = nextRetry(state.retriers, visit.retriers, failure.error, () => frame.execution.host.random());
      if (retry === undefined) return caught(visit, failure);
      visit.retry(told(failure), retry);
    }
  }
}

async function pause(visit: Visit, until: number): Promise<void> {
  const { frame } = visit;
  await sleepUntil(frame.clock, until, frame.signal);
  visit.until = undefined;
  visit.from = frame.now();
}

async function attempt(visit: Visit): Promise<Exit> {
  const { state } = visit;
  const result = await worked(visit);
  const results = await visit.results(state.results, { result });
  const came = visit.called !== undefined && "output" in results ? { result } : {};
  return visit.exit({ output: result, ...came, ...results, ...visit.onward });
}

/** The work, and how it ended in the words of Step Functions. */
async function worked(visit: Visit): Promise<Json> {
  const { frame, state } = visit;
  if (state.definition.Type !== "Task") {
    const result = withinLimit(await work(visit), state.name);
    frame.lane?.tell(`${state.definition.Type}StateSucceeded`);
    return result;
  }
  const events = taskEvents(state.definition.Resource);
  try {
    const result = withinLimit(await work(visit), calledName(state.definition.Resource));
    frame.lane?.tell(events.succeeded);
    return result;
  } catch (thrown) {
    const isFailure = thrown instanceof StateFailed && !(thrown instanceof EvaluationFailed);
    if (isFailure)
      frame.lane?.tell(told(thrown.failure).error === StatesError.TIMEOUT ? events.timedOut : events.failed);
    throw thrown;
  }
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
  await visit.evaluate(state.fields.Credentials);
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

async function caught(visit: Visit, failure: Failure): Promise<Exit> {
  const { frame, state } = visit;
  const isTold = state.definition.Type !== "Task" && failure.error !== StatesError.RUNTIME;
  if (isTold) frame.lane?.tell(`${state.definition.Type}StateFailed`);
  const catcher = state.catchers.find(({ names }) => covers(names, failure.error));
  if (catcher === undefined) throw new StateFailed(told(failure));
  const errorOutput = errorOutputOf(told(failure));
  const results = await visit.results(catcher.results, { errorOutput });
  return visit.exit({ output: errorOutput, ...results, next: catcher.next, ...told(failure) });
}

function errorOutputOf({ error, cause }: Failure): { [key: string]: Json } {
  return { ...(error === "" ? {} : { Error: error }), ...(cause === undefined ? {} : { Cause: cause }) };
}
