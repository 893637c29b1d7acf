import type { Answer } from "../../coordination/world.ts";
import type { Json } from "../../model/json.ts";
import { StateFailed } from "./failure.ts";
import type { Callback } from "./past.ts";
import { callTask, deadlineOf, within } from "./task.ts";
import type { Visit } from "./visit.ts";

/**
 * An attempt of a Task that gives its call a token and is over when that is answered.
 *
 * | it has         | the journal                          | after the death of the process            |
 * |----------------|--------------------------------------|-------------------------------------------|
 * | begun          | `started` with the token             | calls with the same, unless it is answered|
 * | called         | `waiting`                            | waits on                                  |
 * | been answered  | `exited`, or `failed` and retried    | goes on from there                        |
 *
 * Of an answer and the timeout the one counts that is durable first.
 */
export async function newCallback(visit: Visit): Promise<Callback> {
  const deadline = await deadlineOf(visit);
  return { token: visit.frame.chance.uuid(), from: visit.from, ...deadline };
}

/** Makes the call, drops its result, and gives what the token is answered with. @throws StateFailed */
export async function callAndAwait(visit: Visit, callback: Callback, given: Json): Promise<Json> {
  const { frame, state, entered, attempt } = visit;
  const { callbacks } = frame.execution.host;
  await callbacks.open(callback.token, callback.until);
  const called = async (): Promise<Callback> => {
    const isOver = callback.until !== undefined && callback.until <= frame.now();
    if (isOver || callbacks.answerTo(callback.token) !== undefined) return callback;
    await callTask(visit, given);
    const step = visit.step === state.name ? {} : { step: visit.step };
    const waiting: Callback = { ...callback, called: true, ...step };
    if (callbacks.answerTo(callback.token) === undefined) {
      frame.record("waiting", state.name, { entered, ...(attempt === 1 ? {} : { attempt }), callback: waiting });
    }
    return waiting;
  };
  return resultOf(visit, callback, async () => answerOf(visit, await called()));
}

/** Waits for the answer to a call that was made. @throws StateFailed */
export function awaitAnswer(visit: Visit, callback: Callback): Promise<Json> {
  visit.begin();
  return resultOf(visit, callback, () => answerOf(visit, callback));
}

function answerOf({ frame }: Visit, callback: Callback): Promise<Answer> {
  const { token } = callback;
  return within(frame, callback, (signal) => frame.execution.host.callbacks.wait(token, signal));
}

async function resultOf({ frame }: Visit, { token }: Callback, wait: () => Promise<Answer>): Promise<Json> {
  const answer = await wait().catch(async (thrown: unknown) => {
    // Where all frames are stopped, another process may wait on.
    const came = frame.execution.signal.aborted ? undefined : await frame.execution.host.callbacks.close(token);
    if (came === undefined || frame.signal.aborted) throw thrown;
    return came;
  });
  frame.answered.push(token);
  if ("output" in answer) return answer.output;
  throw new StateFailed({ error: answer.error.name, cause: answer.error.cause });
}
