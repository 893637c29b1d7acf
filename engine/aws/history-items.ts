import {
  DescribeMapRunCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  type HistoryEvent,
  type SFNClient,
} from "@aws-sdk/client-sfn";
import { isJsonObject } from "../model/json.ts";
import { RESERVED_KEY } from "../model/wire.ts";
import { mapAll } from "../runtime/flow-batch.ts";

/** What is read of the items of a distributed Map, each of which is an execution with a history of its own. */
export interface MapRun {
  /** The newest items, first first. */
  readonly histories: readonly (readonly HistoryEvent[])[];
  /** How many have begun before them and are not read. */
  readonly omitted: number;
}

/** By the ARNs of the Map runs. */
export type MapRuns = ReadonlyMap<string, MapRun>;

const READ_AT_ONCE = 10;
/** As many as one call lists. */
const PAGE = 1_000;

export async function historyOf(client: SFNClient, executionArn: string): Promise<HistoryEvent[]> {
  const pages = await Array.fromAsync(paginateGetExecutionHistory({ client, pageSize: PAGE }, { executionArn }));
  return pages.flatMap(({ events = [] }) => events);
}

/**
 * The Map runs of a history, and those in their items, with one call for each item that is read.
 * @param most Items to read, of all of them together
 */
export async function mapRunsOf(client: SFNClient, history: readonly HistoryEvent[], most: number): Promise<MapRuns> {
  const found = new Map<string, MapRun>();
  const begun = startedIn(history);
  let left = most;
  for (let mapRun = begun.shift(); mapRun !== undefined; mapRun = begun.shift()) {
    const items = await newestItems(client, mapRun, left);
    const histories = await mapAll(items.toReversed(), (one) => historyOf(client, one), { concurrency: READ_AT_ONCE });
    left -= items.length;
    found.set(mapRun, { histories, omitted: left > 0 ? 0 : (await countOf(client, mapRun)) - items.length });
    begun.push(...histories.flatMap(startedIn));
  }
  return found;
}

/** The index of the item that an execution is of. */
export function itemIndexOf([started]: readonly HistoryEvent[]): number | undefined {
  const input: unknown = JSON.parse(started?.executionStartedEventDetails?.input ?? "null");
  const own = isJsonObject(input) ? input[RESERVED_KEY] : undefined;
  const index = isJsonObject(own) ? own["item"] : undefined;
  return typeof index === "number" ? index : undefined;
}

function startedIn(history: readonly HistoryEvent[]): string[] {
  return history.flatMap(({ mapRunStartedEventDetails: started }) => started?.mapRunArn ?? []);
}

async function newestItems(client: SFNClient, mapRunArn: string, most: number): Promise<string[]> {
  const items: string[] = [];
  if (most === 0) return items;
  const pages = paginateListExecutions({ client, pageSize: Math.min(most, PAGE) }, { mapRunArn });
  for await (const { executions = [] } of pages) {
    items.push(...executions.flatMap(({ executionArn }) => executionArn ?? []));
    if (items.length >= most) break;
  }
  return items.slice(0, most);
}

async function countOf(client: SFNClient, mapRunArn: string): Promise<number> {
  const { executionCounts } = await client.send(new DescribeMapRunCommand({ mapRunArn }));
  return executionCounts?.total ?? 0;
}
