import { setImmediate } from "node:timers/promises";
import type { Json } from "../../model/json.ts";
import { EvaluationFailed, StateFailed } from "./failure.ts";
import type { Frame } from "./frame.ts";
import type { Exit } from "./past.ts";
import { perform } from "./states.ts";
import { Visit } from "./visit.ts";

/** After so many states others get a turn, and states that have no entry of their own are recorded. */
const LONGEST_TURN = 200;

/**
 * Walks a frame from where it is to its end and answers its output.
 * @throws StateFailed; the signal's reason where it aborts; what the journal rejects with
 */
export async function walk(frame: Frame): Promise<Json> {
  for (let count = 1; frame.position.state !== undefined; count++) {
    frame.signal.throwIfAborted();
    const state = frame.branch.states.get(frame.position.state);
    if (state === undefined) throw new Error(`The state machine has no state ${JSON.stringify(frame.position.state)}.`);
    const { Type } = state.definition;
    const exit = await exitOf(new Visit(frame, state, frame.lane?.tell(`${Type}StateEntered`)));
    if (exit.next !== undefined || exit.error === undefined) frame.lane?.tell(`${Type}StateExited`);
    frame.leave(exit);
    const isRecorded = exit.next === undefined ? frame.path !== "" : state.acts || frame.exits.length >= LONGEST_TURN;
    if (isRecorded) frame.record("exited", exit.state, {});
    if (count % LONGEST_TURN === 0) await setImmediate();
  }
  const { failed, input } = frame.position;
  if (failed === undefined) return input;
  throw new StateFailed({ error: failed.error ?? "", ...(failed.cause === undefined ? {} : { cause: failed.cause }) });
}

async function exitOf(visit: Visit): Promise<Exit> {
  try {
    return await perform(visit);
  } catch (thrown) {
    visit.frame.signal.throwIfAborted();
    if (!(thrown instanceof StateFailed)) throw thrown;
    return visit.exit((thrown instanceof EvaluationFailed ? visit.notEvaluated(thrown) : thrown).failure);
  }
}
