import { ErrorName, MillraceError, toError } from "../model/errors.ts";
import type { Priority } from "../model/limit.ts";
import type { Input, Schema } from "../model/schema.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";

export interface BatchOptions {
  /** Entries that run at once, a whole number from 1; 5 where it is left out. */
  readonly maxConcurrency?: number;
  /** `false`: the first error is thrown out of the loop, and what has not begun by then stays in the batch. */
  readonly returnExceptions?: boolean;
}

/** One entry; `node` is what the caller knows it by. */
export interface BatchEntry<N = unknown> {
  /** A task, another function of one parameter, or a workflow, whose run is waited for. */
  readonly task: ((input: never) => unknown) | WorkflowDefinition;
  /** Of a task or function. */
  readonly input?: unknown;
  /** Of a workflow, as are `tags` and `priority`. */
  readonly parameters?: unknown;
  readonly tags?: readonly string[];
  readonly priority?: Priority;
  readonly node?: N;
}

/** What became of an entry, and the entry: it has a result or an error. */
export type BatchOutcome<R, N> =
  | readonly [result: R, error: undefined, entry: BatchEntry<N>]
  | readonly [result: undefined, error: Error, entry: BatchEntry<N>];

/**
 * Work that is done so many at once:
 *
 *     const batch = createBatch({ maxConcurrency: 10 });
 *     for (const device of devices) batch.add({ task: validateDevice, input: device, node: device.name });
 *     for await (const [result, error, { node }] of batch.execute()) { … }
 */
export interface Batch<R = unknown, N = unknown> {
  add(entry: { readonly task: () => Promise<R> | R; readonly node?: N }): void;
  add<I>(entry: { readonly task: (input: I) => Promise<R> | R; readonly input: NoInfer<I>; readonly node?: N }): void;
  add<P extends Schema>(entry: {
    readonly task: WorkflowDefinition<P>;
    readonly parameters: Input<P>;
    readonly tags?: readonly string[];
    readonly priority?: Priority;
    readonly node?: N;
  }): void;
  /** Entries that have not begun. */
  readonly numTasks: number;
  /**
   * Runs what was added, and what is added meanwhile, each entry once; gives outcomes as they come. Nothing begins before
   * the first is asked for. Leaving the loop early begins no more, and ends once what has begun has ended; a caller
   * outside of a run stops waiting for runs, which go on.
   */
  execute(): AsyncGenerator<BatchOutcome<R, N>, void, undefined>;
}

/** How a platform runs a workflow for a batch. */
export type RunWorkflow = (
  workflow: WorkflowDefinition,
  options: { readonly parameters: unknown; readonly tags?: readonly string[]; readonly priority?: Priority },
  signal: AbortSignal,
) => Promise<unknown>;

const DEFAULT_CONCURRENCY = 5;

/** @throws MillraceError `InvalidRequest` for a `maxConcurrency` below 1 or that is not whole */
export function batchOf<R, N>(runWorkflow: RunWorkflow, options: BatchOptions): Batch<R, N> {
  const { maxConcurrency = DEFAULT_CONCURRENCY, returnExceptions = true } = options;
  if (!Number.isInteger(maxConcurrency) || maxConcurrency < 1) {
    throw new MillraceError(
      ErrorName.INVALID_REQUEST,
      `maxConcurrency is ${maxConcurrency}, allowed are whole numbers from 1; ${DEFAULT_CONCURRENCY} where it is left out.`,
    );
  }
  const waiting: BatchEntry<N>[] = [];

  async function outcomeOf(entry: BatchEntry<N>, signal: AbortSignal): Promise<BatchOutcome<R, N>> {
    const { task, input, parameters, tags, priority } = entry;
    try {
      const result =
        typeof task === "function"
          ? task(input as never)
          : runWorkflow(
              task,
              { parameters, ...(tags === undefined ? {} : { tags }), ...(priority === undefined ? {} : { priority }) },
              signal,
            );
      return [(await result) as R, undefined, entry];
    } catch (thrown) {
      return [undefined, toError(thrown), entry];
    }
  }

  async function* execute(): AsyncGenerator<BatchOutcome<R, N>, void, undefined> {
    const stop = new AbortController();
    const running = new Set<Promise<void>>();
    const done: BatchOutcome<R, N>[] = [];
    let wake = (): void => undefined;
    const fill = (): void => {
      while (!stop.signal.aborted && running.size < maxConcurrency) {
        const entry = waiting.shift();
        if (entry === undefined) return;
        const lane: Promise<void> = outcomeOf(entry, stop.signal).then((outcome) => {
          running.delete(lane);
          done.push(outcome);
          fill();
          wake();
        });
        running.add(lane);
      }
    };
    try {
      for (;;) {
        fill();
        const outcome = done.shift();
        if (outcome !== undefined) {
          if (outcome[1] !== undefined && !returnExceptions) throw outcome[1];
          yield outcome;
        } else if (running.size === 0) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      stop.abort(new MillraceError(ErrorName.RUN_CANCELLED, "The loop over the batch was left."));
      await Promise.all(running);
    }
  }

  return {
    add: (entry: BatchEntry<N>) => void waiting.push(entry),
    get numTasks() {
      return waiting.length;
    },
    execute,
  };
}
