import type { RunContext } from "../model/wire.ts";
import type { Blobs } from "../store/blobs.ts";
import type { Items } from "../store/items.ts";
import { DirectRuns, type Flow } from "./direct-runs.ts";
import { memoryBlobs } from "./memory-blobs.ts";
import { memoryItems } from "./memory-items.ts";
import { newTrace, type Trace } from "./trace.ts";

export interface DirectOptions {
  /** In memory and empty where they are left out. */
  readonly items?: Items;
  readonly blobs?: Blobs;
  readonly context?: RunContext;
  /** Milliseconds since the epoch; 0 where it is left out. What waits takes no time, and moves this on. */
  readonly now?: () => number;
  /** The flows of the workflows that are started as children, by the workflows' names. */
  readonly workflows?: { readonly [workflow: string]: Flow };
  /** Is filled while the flow runs, also when it throws. */
  readonly trace?: Trace;
}

/**
 * Calls a flow as the plain function that it is. Inputs and results of its tasks take a trip through JSON, tasks are
 * retried as declared without waiting, a child run is its flow called in place, and all domains share one pair of ports.
 * Throws what the flow throws.
 */
export async function direct<P, R>(
  flow: (parameters: P) => Promise<R>,
  parameters: P,
  options: DirectOptions = {},
): Promise<R> {
  const { items = memoryItems(), blobs = memoryBlobs(), now = () => 0, workflows = {}, trace = newTrace() } = options;
  const runs = new DirectRuns({ items, blobs, now, workflows, trace });
  return (await runs.run(flow, parameters, options.context ?? {})) as R;
}
