import { isJsonObject, type Json } from "../../model/json.ts";
import type { TaskState } from "../../model/machine.ts";
import { callFailure, queryFailure, shown, StateFailed, StatesError } from "./failure.ts";
import type { Frame } from "./frame.ts";
import { copyWithinLimit } from "./limit.ts";
import { alarm, controllerBelow, unlessAborted } from "./stop.ts";
import type { Visit } from "./visit.ts";

/** One call of a Task, ended by its timeout. @throws StateFailed; the signal's reason where the frame is stopped */
export async function callTask(visit: Visit, given: Json): Promise<Json> {
  const { frame, state, attempt, callback } = visit;
  const { host } = frame.execution;
  const { Resource: resource } = state.definition as TaskState;
  const copy = copyWithinLimit(given, `Arguments of state ${JSON.stringify(state.name)}`);
  const until = callback === undefined ? await timeoutOf(visit) : callback.until;
  visit.step = stepName(copy) ?? visit.step;
  visit.begin();
  return within(frame, until, async (signal) => {
    try {
      return await host.call({ resource, arguments: copy, state: state.name, frame: frame.path, attempt, signal });
    } catch (thrown) {
      throw callFailure(resource, thrown);
    }
  });
}

/** What the work gives, unless the moment comes first. @throws StateFailed `States.Timeout`; the frame's reason */
export async function within<T>(
  frame: Frame,
  until: number | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { controller, release } = controllerBelow(frame.signal);
  const { signal } = controller;
  const expire = (): void => controller.abort(new StateFailed({ error: StatesError.TIMEOUT }));
  const timeout = until === undefined ? undefined : alarm(frame.execution.host.clock, until, expire);
  try {
    return await unlessAborted(work(signal), signal);
  } catch (thrown) {
    throw signal.aborted ? signal.reason : thrown;
  } finally {
    release();
    timeout?.stop();
  }
}

/** When an attempt that begins now has taken too long. */
export async function timeoutOf(visit: Visit): Promise<number | undefined> {
  const seconds = await visit.evaluate(visit.state.fields.TimeoutSeconds);
  if (seconds === undefined) return undefined;
  if (Number.isInteger(seconds) && (seconds as number) > 0) return visit.frame.now() + (seconds as number) * 1000;
  const where = `TimeoutSeconds of state ${JSON.stringify(visit.state.name)}`;
  throw queryFailure(`${where} is ${shown(seconds)}, allowed are whole numbers from 1`);
}

/** The name that the task itself is told: in a loop with its index. A release is told the step that acquired. */
function stepName(given: Json): string | undefined {
  const payload = isJsonObject(given) ? given["Payload"] : undefined;
  const step = isJsonObject(payload) && !("release" in payload) ? payload["step"] : undefined;
  return typeof step === "string" ? step : undefined;
}
