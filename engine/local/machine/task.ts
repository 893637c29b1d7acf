import { isJsonObject, type Json } from "../../model/json.ts";
import type { TaskState } from "../../model/machine.ts";
import { callFailure, queryFailure, shown, StateFailed, StatesError } from "./failure.ts";
import { copyWithinLimit } from "./limit.ts";
import { alarm, controllerBelow, unlessAborted } from "./stop.ts";
import type { Visit } from "./visit.ts";

/** One call of a Task, ended by its timeout. @throws StateFailed; the signal's reason where the frame is stopped */
export async function callTask(visit: Visit, given: Json): Promise<Json> {
  const { frame, state, attempt } = visit;
  const { host } = frame.execution;
  const { Resource: resource } = state.definition as TaskState;
  const copy = copyWithinLimit(given, `Arguments of state ${JSON.stringify(state.name)}`);
  const seconds = await timeoutSeconds(visit);
  const { controller, release } = controllerBelow(frame.signal);
  const { signal } = controller;
  const expire = (): void => controller.abort(new StateFailed({ error: StatesError.TIMEOUT }));
  const timeout = seconds === undefined ? undefined : alarm(host.clock, frame.now() + seconds * 1000, expire);
  visit.step = stepName(copy) ?? visit.step;
  visit.begin();
  try {
    const call = { resource, arguments: copy, state: state.name, frame: frame.path, attempt, signal };
    return await unlessAborted(host.call(call), signal);
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    throw callFailure(resource, thrown);
  } finally {
    release();
    timeout?.stop();
  }
}

async function timeoutSeconds(visit: Visit): Promise<number | undefined> {
  const seconds = await visit.evaluate(visit.state.fields.TimeoutSeconds);
  const isWhole = Number.isInteger(seconds) && (seconds as number) > 0;
  if (seconds === undefined || isWhole) return seconds as number | undefined;
  const where = `TimeoutSeconds of state ${JSON.stringify(visit.state.name)}`;
  throw queryFailure(`${where} is ${shown(seconds)}, allowed are whole numbers from 1`);
}

/** The name that the task itself is told: in a loop with its index. */
function stepName(given: Json): string | undefined {
  const payload = isJsonObject(given) ? given["Payload"] : undefined;
  const step = isJsonObject(payload) ? payload["step"] : undefined;
  return typeof step === "string" ? step : undefined;
}
