import type { Plan, Range } from "./compiled.ts";
import { ASSUMED, PRICES } from "./prices.ts";
import { exactly, range, scaled, sum } from "./range.ts";
import { LOCK_FUNCTION, SUBMIT_FUNCTION, SWEEP_FUNCTION } from "./wire.ts";
import { staticTags, type WorkflowDefinition } from "./workflow.ts";

/** What one run counts with all that Millrace does for it, child runs apart. */
export interface RunCounts {
  readonly transitions: Range;
  readonly events: Range;
  readonly invocations: Range;
  readonly writes: Range;
  readonly dollars: Range;
}

const OWN: ReadonlySet<string> = new Set([SUBMIT_FUNCTION, LOCK_FUNCTION, SWEEP_FUNCTION]);

/** Start and end come as status events, ten a call of settle at the most. */
const SETTLE_CALLS = range(0.2, 2, 2);
/** Each event is sent, received and deleted. */
const QUEUE_REQUESTS = 6;
const GIB = 2 ** 30;

export function countsOf(definition: WorkflowDefinition, plan: Plan): RunCounts {
  const { transitions, events } = plan;
  const callsOf = (own: boolean): Range =>
    sum(exactly(0), ...Object.entries(plan.calls).flatMap(([name, calls]) => (OWN.has(name) === own ? [calls] : [])));
  const tasks = callsOf(false);
  const own = sum(callsOf(true), exactly(1), SETTLE_CALLS);
  const invocations = sum(tasks, own);
  const writes = sum(plan.writes, writesOfRun(definition));
  const log = PRICES.logGiB + ASSUMED.logMonths * PRICES.logGiBMonth;
  const invocation = PRICES.lambdaRequest + (ASSUMED.logBytes / GIB) * log;
  const second = ASSUMED.memoryGiB * PRICES.lambdaGiBSecond;
  const fixed =
    ASSUMED.readUnitsPerRun * PRICES.readUnit +
    QUEUE_REQUESTS * PRICES.queueRequest +
    (definition.cron === undefined ? 0 : PRICES.schedulerInvocation);
  const dollars = sum(
    scaled(transitions, PRICES.transition),
    scaled(invocations, invocation),
    scaled(tasks, ASSUMED.taskSeconds * second),
    scaled(own, ASSUMED.ownSeconds * second),
    scaled(writes, PRICES.writeUnit),
    exactly(fixed),
  );
  return { transitions, events, invocations, writes, dollars };
}

/** In the index of open runs: in at the start, out at the end. */
const INDEX_WRITES = 2;
/** An edge for all runs, and one for the workflow. */
const COMMON_EDGES = 2;

/**
 * Record and end without a limit; under one 5 where a slot is free, and 10 in a line that nobody was known to stand in.
 * An edge for each tag; a child has one below its parent. After a bad end there is an edge more for each, and a second
 * write of the record. A run of a cron that changed nothing has one edge alone, which is typical. Tags that callers give come on top.
 */
export function writesOfRun(definition: WorkflowDefinition): Range {
  const { concurrencyLimit, cron } = definition;
  const record = concurrencyLimit === undefined ? exactly(2) : range(5, 5, 10);
  const edges = COMMON_EDGES + staticTags(definition).length;
  const fewest = cron !== undefined && "unchanged" in definition ? 1 : edges;
  return sum(record, exactly(INDEX_WRITES), range(fewest, fewest, 2 * edges + 2));
}
