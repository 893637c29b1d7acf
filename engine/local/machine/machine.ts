import type { Json } from "../../model/json.ts";
import type { StateMachine } from "../../model/machine.ts";
import type { Step } from "../../model/run.ts";
import type { Journal } from "./journal.ts";
import { executionContext } from "./context.ts";
import { prepareMachine } from "./definition.ts";
import { StateFailed, StatesError } from "./failure.ts";
import { Frame, type MachineHost } from "./frame.ts";
import { readPast } from "./past.ts";
import { alarm, controllerBelow } from "./stop.ts";
import { walk } from "./walk.ts";

export type { MachineHost, TaskCall } from "./frame.ts";

export interface ExecutionStart {
  /** ARN, `arn:aws:states:local:000000000000:execution:local_<workflow>:<name>`. */
  readonly execution: string;
  readonly name: string;
  readonly machine: { readonly name: string; readonly definition: StateMachine };
  readonly input: Json;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

export type Outcome =
  | { readonly status: "SUCCEEDED"; readonly output: Json }
  | { readonly status: "FAILED" | "TIMED_OUT" | "ABORTED"; readonly error?: string; readonly cause?: string };

/** A state's attempt as it begins (`running`) and as it ends (`completed` or `failed`). */
export type StepEvent = Step;

/**
 * Runs an execution from where its journal left it to its end, which is recorded when this resolves. The definition is
 * parsed once for each object that is given.
 *
 * An aborted signal means that the process goes: nothing more is recorded and this rejects with the signal's reason.
 * @throws MillraceError `InvalidDefinition`; the signal's reason; what the journal rejects with
 */
export async function runMachine(
  start: ExecutionStart,
  journal: Journal,
  host: MachineHost,
  signal: AbortSignal = new AbortController().signal,
  observe?: (event: StepEvent) => void,
): Promise<Outcome> {
  const branch = prepareMachine(start.machine.definition);
  const { controller, release } = controllerBelow(signal);
  const stop = (reason: unknown): void => controller.abort(reason);
  const frame = new Frame(
    { host, journal, observe, signal: controller.signal, stop, walk },
    {
      path: "",
      suffix: "",
      branch,
      input: start.input,
      context: executionContext(start.execution, start.name, start.machine.name, start.input, start.startedAt),
      outer: null,
      past: readPast(journal.past),
      signal: controller.signal,
    },
  );
  const last = journal.past.at(-1);
  if (last?.kind === "ended") return outcomeOf(frame, last.data["status"] as EndStatus);
  const { TimeoutSeconds } = start.machine.definition;
  const expire = (): void => stop(EXPIRED);
  const timeout =
    TimeoutSeconds === undefined ? undefined : alarm(host.clock, start.startedAt + TimeoutSeconds * 1000, expire);
  try {
    const status = await statusOf(frame);
    signal.throwIfAborted();
    frame.record("ended", undefined, { status });
    await frame.written;
    return outcomeOf(frame, status);
  } finally {
    timeout?.stop();
    release();
  }
}

type EndStatus = "SUCCEEDED" | "FAILED" | "TIMED_OUT";

const EXPIRED = new Error("The execution's TimeoutSeconds have passed.");

async function statusOf(frame: Frame): Promise<EndStatus> {
  try {
    await walk(frame);
    frame.signal.throwIfAborted();
    return "SUCCEEDED";
  } catch (thrown) {
    const reason: unknown = frame.signal.aborted ? frame.signal.reason : thrown;
    if (reason === EXPIRED) return "TIMED_OUT";
    if (reason instanceof StateFailed) return "FAILED";
    throw reason;
  }
}

function outcomeOf({ position }: Frame, status: EndStatus): Outcome {
  if (status === "SUCCEEDED") return { status, output: position.input };
  if (status === "TIMED_OUT") return { status, error: StatesError.TIMEOUT };
  const { error = "", cause } = position.failed ?? {};
  return { status, ...(error === "" ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
}
