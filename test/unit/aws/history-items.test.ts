import { SFNClient } from "@aws-sdk/client-sfn";
import { expect, it } from "vitest";
import { mapRunsOf } from "../../../engine/aws/history-items.ts";
import { stepsOf } from "../../../engine/aws/history.ts";
import { aws } from "../../../engine/aws/platform.ts";
import type { JsonObject } from "../../../engine/model/json.ts";
import type { Run } from "../../../engine/model/run.ts";
import { fakeAws, type Answer } from "./fake-aws.ts";
import { historyOf, type Row } from "./history-rows.ts";

const EXECUTIONS = "arn:aws:states:eu-west-1:123456789012:execution:millrace_merge";
const MAP_RUN = "arn:aws:states:eu-west-1:123456789012:mapRun:millrace_merge/batch orders";

/** A run with a batch of items, which still run and whose state had this name each. */
const RUN: readonly Row[] = [
  [1, 0, "ExecutionStarted"],
  [2, 0, "MapStateEntered", "batch orders"],
  [3, 2, "MapStateStarted"],
  [4, 3, "MapRunStarted", `${MAP_RUN}:1`],
];

const began = (index: number): string => JSON.stringify({ orders: [], $millrace: { item: index } });

function item(index: number, ...rows: readonly Row[]): readonly Row[] {
  return [[1, 0, "ExecutionStarted", began(index)], ...rows];
}

interface Recorded {
  /** By what stands behind the last `:` of their ARNs. */
  readonly histories: { readonly [execution: string]: readonly Row[] };
  /** The executions of Map runs, newest first, and how many there are of each. */
  readonly listed: { readonly [mapRun: string]: readonly string[] };
  readonly total?: number;
}

/** Step Functions with these histories. @returns the actions that it was asked for */
async function recorded({ histories, listed, total = 0 }: Recorded): Promise<() => string[]> {
  const answers: { readonly [action: string]: (name: string, body: JsonObject) => unknown } = {
    GetExecutionHistory: (name) => ({ events: historyOf(histories[name] ?? []).map(seconds) }),
    ListExecutions: (name, { maxResults }) => {
      const executions = listed[name] ?? [];
      return {
        executions: executions.slice(0, Number(maxResults)).map((one) => ({ executionArn: `${EXECUTIONS}:${one}` })),
      };
    },
    DescribeMapRun: () => ({ executionCounts: { total } }),
    DescribeStateMachineForExecution: () => ({ definition: JSON.stringify({ States: {} }) }),
  };
  const requests = await fakeAws((action, body): Answer => {
    const arn = (body["executionArn"] ?? body["mapRunArn"]) as string;
    return { body: answers[action]?.(arn.slice(arn.lastIndexOf(":") + 1), body) };
  });
  return () => requests.map(({ action }) => action);
}

const seconds = (event: object): object => ({
  ...event,
  timestamp: Number((event as { timestamp: Date }).timestamp) / 1000,
});

async function stepsWith(run: Recorded, most = 100): Promise<string[]> {
  await recorded(run);
  const events = historyOf(RUN);
  const steps = stepsOf(events, {}, await mapRunsOf(new SFNClient(), events, most));
  return steps.map(({ name, state, error, omittedItems }) =>
    [name, state, error?.name ?? "", omittedItems ?? ""].join(" ").trimEnd(),
  );
}

it("tells the states of each item with its index", async () => {
  const failed: readonly Row[] = [
    [2, 0, "TaskStateEntered", "ship"],
    [3, 2, "TaskScheduled", "ship[0]"],
    [4, 3, "TaskFailed", "Declined"],
    [5, 4, "TaskStateExited", "ship"],
    [6, 5, "SucceedStateEntered", "collect error"],
    [7, 6, "SucceedStateExited", "collect error"],
    [8, 7, "ExecutionSucceeded"],
  ];
  const runs: readonly Row[] = [[2, 0, "ChoiceStateEntered", "if order.urgent"]];
  const histories = { first: item(0, ...failed), second: item(1, ...runs) };
  expect(await stepsWith({ histories, listed: { 1: ["second", "first"] } })).toEqual([
    "batch orders running",
    "ship[0] failed Declined",
    "if order.urgent[1] running",
    "collect error[0] completed",
  ]);
});

it("ends with an item what ran in that alone", async () => {
  const rows = (...more: readonly Row[]): readonly Row[] => [[9, 0, "WaitStateEntered", "sleep"], ...more];
  const histories = { first: item(0, ...rows([10, 9, "ExecutionAborted", "Stopped"])), second: item(1, ...rows()) };
  expect(await stepsWith({ histories, listed: { 1: ["second", "first"] } })).toEqual([
    "batch orders running",
    "sleep[0] failed Stopped",
    "sleep[1] running",
  ]);
});

it("reads the newest items, and says how many there are beside them", async () => {
  const entered: Row = [2, 0, "PassStateEntered", "look"];
  const histories = { a: item(7, entered), b: item(8, entered), c: item(9, entered) };
  expect(await stepsWith({ histories, listed: { 1: ["c", "b", "a"] }, total: 5_000 }, 2)).toEqual([
    "batch orders running  4998",
    "look[8] running",
    "look[9] running",
  ]);
});

it("reads the items of items", async () => {
  const histories = {
    outer: item(3, [5, 0, "MapStateEntered", "batch lines"], [6, 5, "MapRunStarted", `${MAP_RUN}:2`]),
    inner: item(0, [7, 0, "PassStateEntered", "look"]),
  };
  const listed = { 1: ["outer"], 2: ["inner"] };
  expect(await stepsWith({ histories, listed })).toEqual([
    "batch orders running",
    "batch lines[3] running",
    "look[3][0] running",
  ]);
  expect(await stepsWith({ histories, listed, total: 1 }, 1)).toEqual([
    "batch orders running",
    "batch lines[3] running  1",
  ]);
});

it("asks for nothing more where no item is an execution", async () => {
  const asked = await recorded({ histories: { run: [[1, 0, "ExecutionStarted"]] }, listed: {} });
  const run = { execution: `${EXECUTIONS}:run` } as Run;
  expect(await aws({ stack: "millrace" }).steps(run)).toEqual([]);
  expect(asked().sort()).toEqual(["DescribeStateMachineForExecution", "GetExecutionHistory"]);
});

it("records the calls of all items for a test", async () => {
  const call = (index: number): readonly Row[] =>
    item(
      index,
      [2, 0, "TaskStateEntered", "ship"],
      [3, 2, "TaskScheduled", `ship[${index}]`],
      [4, 3, "TaskFailed", "Declined"],
    );
  const histories = { run: RUN, a: call(0), b: call(1) };
  await recorded({ histories, listed: { 1: ["b", "a"] } });
  const run = { execution: `${EXECUTIONS}:run` } as Run;
  expect(await aws({ stack: "millrace" }).calls(run)).toHaveLength(2);
});
