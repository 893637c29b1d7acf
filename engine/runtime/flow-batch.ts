import { ErrorName, MillraceError, toError } from "../model/errors.ts";

/** What became of an item. */
export type ItemOutcome<R> =
  | { readonly status: "ok"; readonly value: R }
  | { readonly status: "error"; readonly error: { readonly name: string; readonly message: string } };

export interface MapOptions {
  /** Items at once, a whole number from 1 to 40. */
  readonly concurrency: number;
}

export interface FlowBatchOptions {
  /** Items at once, a whole number from 1 to 10,000; 40 where it is left out. */
  readonly maxConcurrency?: number;
  /** `collect`, also where it is left out: every item has an outcome. `fail`: the first error is the batch's. */
  readonly onError?: "collect" | "fail";
}

const MOST_TURNS = 40;
const MOST_ITEMS = 10_000;

type Work<T, R> = (item: T, index: number) => Promise<R> | R;

/**
 * `Promise.all(items.map(fn))` with so many at once, in a flow or a task. An error lets no further item begin, and is
 * thrown when those that have begun are done. @throws MillraceError `InvalidRequest`
 */
export async function mapAll<T, R>(items: readonly T[], fn: Work<T, R>, { concurrency }: MapOptions): Promise<R[]> {
  checkConcurrency("concurrency", concurrency, MOST_TURNS);
  return inLanes(items, fn, concurrency);
}

/**
 * Does something for each item, so many at once, and answers in the order of the items. In a flow it becomes a Map state,
 * and a distributed one, each item an execution of its own, where more than 40 go on at once or where the history would be
 * too long by the bounds that are known.
 * @throws MillraceError `InvalidRequest`; with `fail` the error of an item
 */
export async function batch<T, R>(
  items: readonly T[],
  fn: Work<T, R>,
  options: FlowBatchOptions & { readonly onError: "fail" },
): Promise<R[]>;
export async function batch<T, R>(
  items: readonly T[],
  fn: Work<T, R>,
  options?: FlowBatchOptions & { readonly onError?: "collect" },
): Promise<ItemOutcome<R>[]>;
export async function batch<T, R>(
  items: readonly T[],
  fn: Work<T, R>,
  { maxConcurrency = MOST_TURNS, onError = "collect" }: FlowBatchOptions = {},
): Promise<R[] | ItemOutcome<R>[]> {
  checkConcurrency("maxConcurrency", maxConcurrency, MOST_ITEMS);
  if (onError === "fail") return inLanes(items, fn, maxConcurrency);
  return inLanes(items, (item, index) => outcomeOf(fn, item, index), maxConcurrency);
}

async function outcomeOf<T, R>(fn: Work<T, R>, item: T, index: number): Promise<ItemOutcome<R>> {
  try {
    return { status: "ok", value: await fn(item, index) };
  } catch (thrown) {
    const { name, message } = toError(thrown);
    return { status: "error", error: { name, message } };
  }
}

/** Waits for all that has begun, whatever fails. */
async function inLanes<T, R>(items: readonly T[], fn: Work<T, R>, atOnce: number): Promise<R[]> {
  const results: R[] = [];
  const entries = items.entries();
  const errors: unknown[] = [];
  const lane = async (): Promise<void> => {
    for (const [index, item] of entries) {
      if (errors.length > 0) return;
      try {
        results[index] = await fn(item, index);
      } catch (thrown) {
        errors.push(thrown);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
  if (errors.length > 0) throw errors[0];
  return results;
}

function checkConcurrency(option: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  const text = `${option} is ${value}, allowed are whole numbers from 1 to ${most}. Give it a number in that range.`;
  throw new MillraceError(ErrorName.INVALID_REQUEST, text);
}
