import { randomUUID } from "node:crypto";
import {
  DescribeExecutionCommand,
  paginateGetExecutionHistory,
  SFNClient,
  type HistoryEvent,
} from "@aws-sdk/client-sfn";
import { expect, vi } from "vitest";
import type { Run, RunState } from "../../engine/model/run.ts";
import { domainPrefix } from "../../engine/runtime/invoke.ts";
import { prefixItems } from "../../engine/store/prefix.ts";
import { client, itemsOf, SOON } from "./deployed.ts";
import { COORDINATION } from "./stack.ts";

/** The stack of the catalogue in `coordination/`, whose tasks wait at gates. */
export const workflows = client(COORDINATION);
export const items = itemsOf(COORDINATION);
const gates = prefixItems(items, domainPrefix("coordination"));
const sfn = new SFNClient();

/** A gate that nobody opens but the test itself, and a limit's key that no other test has. */
export const newPassage = () => ({ gate: randomUUID(), group: randomUUID() });

export async function open(gate: string): Promise<void> {
  await gates.put({ pk: "gates", sk: gate });
}

/** The run once it is in this state. */
export async function reached(id: string, state: RunState): Promise<Run> {
  return vi.waitFor(async () => {
    const run = await workflows.getRun(id);
    expect(run.state).toBe(state);
    return run;
  }, SOON);
}

/** When an execution began and ended by the machine's own account, in milliseconds since the epoch. */
export async function spanOf(executionArn: string): Promise<{ readonly from: number; readonly to: number }> {
  const { startDate, stopDate } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  return { from: startDate?.getTime() ?? NaN, to: stopDate?.getTime() ?? NaN };
}

export async function historyOf(executionArn: string): Promise<HistoryEvent[]> {
  const pages = await Array.fromAsync(paginateGetExecutionHistory({ client: sfn }, { executionArn }));
  return pages.flatMap(({ events = [] }) => events);
}
