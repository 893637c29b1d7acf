import type { RunContext } from "../model/wire.ts";
import { checkParameters, type WorkflowDefinition } from "../model/workflow.ts";
import type { Blobs } from "../store/blobs.ts";
import type { Items } from "../store/items.ts";
import { DirectRuns, type Flow } from "./direct-runs.ts";
import type { Fake } from "./fake.ts";
import { injector, type Fault, type FaultInjector } from "./faults.ts";
import type { EventAnswers } from "./flow-events.ts";
import { FlowTime } from "./flow-time.ts";
import { memoryBlobs } from "./memory-blobs.ts";
import { memoryItems } from "./memory-items.ts";
import { newTrace, type Trace } from "./trace.ts";

export interface DirectOptions {
  /** What stands in for tasks: `[fake(charge, [{ receipt: "r-1" }])]`. The others run. */
  readonly tasks?: readonly Fake[];
  /** The flows of the workflows that are started as children, by the workflows' names. */
  readonly workflows?: { readonly [workflow: string]: Flow };
  /** `{ approval: [{ approved: true }] }`; a wait for an event that no answer is left of times out. */
  readonly events?: EventAnswers;
  /** What goes wrong: `[{ task: charge, fault: "timeout" }]`, or `randomFaults({ seed: 1, rate: 0.2 })`. */
  readonly faults?: readonly Fault[] | FaultInjector;
  /** When it begins, in milliseconds since the epoch; 0 where it is left out. */
  readonly now?: number;
  /** Its schema checks the parameters and fills in their defaults. */
  readonly workflow?: WorkflowDefinition;
  readonly context?: RunContext;
  /** In memory and empty where they are left out. */
  readonly items?: Items;
  readonly blobs?: Blobs;
  /** Is filled while the flow runs, also when it throws. */
  readonly trace?: Trace;
}

/**
 * Calls a flow as the plain function that it is, with what a machine enforces: inputs, results and parameters take a trip
 * through JSON, have at most 256 KiB and cannot be changed; tasks are retried and timed out as declared. Sleeps, retries
 * and timeouts take virtual time, and no real time. A child run is its flow called in place; all domains share one
 * pair of ports.
 * @throws what the flow throws; FlowMistake `NotAwaited`, `Mutated`; MillraceError `InvalidParameters`
 */
export async function direct<P, R>(
  flow: (parameters: P) => Promise<R>,
  parameters: P,
  options: DirectOptions = {},
): Promise<R> {
  const { items = memoryItems(), blobs = memoryBlobs(), workflows = {}, trace = newTrace(), workflow } = options;
  const { tasks: fakes = [], events: answers = {}, faults = [], now = 0, context = {} } = options;
  const time = new FlowTime(now);
  const runs = new DirectRuns({ items, blobs, time, workflows, fakes, answers, faultOf: injector(faults), trace });
  const given = workflow === undefined ? parameters : checkParameters(workflow, parameters);
  return (await runs.run(flow, workflow?.name ?? "flow", given, context)) as R;
}
