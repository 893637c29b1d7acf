import { isJsonObject, type Json } from "../../model/json.ts";
import type { TaskState } from "../../model/machine.ts";
import { callFailure, StateFailed, StatesError } from "./failure.ts";
import type { Frame } from "./frame.ts";
import { ACTIVITY, taskEvents } from "./lane.ts";
import { copyWithinLimit, tooLarge } from "./limit.ts";
import { numberIn } from "./numbers.ts";
import { alarm, controllerBelow, unlessAborted } from "./stop.ts";
import type { Visit } from "./visit.ts";

/** One call of a Task, ended by its timeout. @throws StateFailed; the signal's reason where the frame is stopped */
export async function callTask(visit: Visit, given: Json): Promise<Json> {
  const { frame, state, attempt, callback } = visit;
  const { host } = frame.execution;
  const { Resource: resource } = state.definition as TaskState;
  const copy = copyWithinLimit(given, () => tooLarge(state.name));
  const deadline = callback === undefined ? await deadlineOf(visit) : callback;
  visit.step = stepName(copy) ?? visit.step;
  visit.called = given;
  visit.begin();
  taskEvents(resource).begun.forEach((event) => frame.lane?.tell(event));
  const token = callback === undefined ? {} : { token: callback.token };
  const call = { resource, arguments: copy, state: state.name, frame: frame.path, attempt, ...token };
  return within(frame, deadline, async (signal) => {
    try {
      return await host.call({ ...call, signal });
    } catch (thrown) {
      throw callFailure(resource, thrown);
    }
  });
}

/** Until when an attempt may take, and whether that is when a heartbeat is missed. */
export interface Deadline {
  readonly until?: number;
  readonly isHeartbeat?: true;
}

/** What the work gives, unless the moment comes first. @throws StateFailed `States.Timeout`; the frame's reason */
export async function within<T>(
  frame: Frame,
  { until, isHeartbeat }: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { controller, release } = controllerBelow(frame.signal);
  const { signal } = controller;
  const expire = (): void =>
    controller.abort(new StateFailed({ error: isHeartbeat === true ? StatesError.HEARTBEAT : StatesError.TIMEOUT }));
  const timeout = until === undefined ? undefined : alarm(frame.clock, until, expire);
  try {
    return await unlessAborted(work(signal), signal);
  } catch (thrown) {
    throw signal.aborted ? signal.reason : thrown;
  } finally {
    release();
    timeout?.stop();
  }
}

const LONGEST = { most: 99_999_999 };

/** When an attempt that begins now has taken too long; nobody sends heartbeats here. */
export async function deadlineOf(visit: Visit): Promise<Deadline> {
  const { state, frame } = visit;
  const seconds = (await numberIn(visit, "TimeoutSeconds", LONGEST)) ?? Infinity;
  const heartbeat = (await numberIn(visit, "HeartbeatSeconds", LONGEST)) ?? Infinity;
  const isAwaited = state.isCallback || ACTIVITY.test((state.definition as TaskState).Resource);
  const isHeartbeat = isAwaited && heartbeat < seconds;
  const least = isHeartbeat ? heartbeat : seconds;
  if (least === Infinity) return {};
  return { until: frame.now() + least * 1000, ...(isHeartbeat ? { isHeartbeat } : {}) };
}

/** The name that the task itself is told: in a loop with its index. A release is told the step that acquired. */
function stepName(given: Json): string | undefined {
  const payload = isJsonObject(given) ? given["Payload"] : undefined;
  const step = isJsonObject(payload) && !("release" in payload) ? payload["step"] : undefined;
  return typeof step === "string" ? step : undefined;
}
