import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { compileCatalogue } from "../../../engine/compiler/compile.ts";
import { ErrorName } from "../../../engine/model/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../../../engine/model/json.ts";
import { checkTags } from "../../../engine/runtime/scope.ts";
import { direct, type DirectOptions } from "../../../engine/testing/direct.ts";
import { newTrace } from "../../../engine/testing/trace.ts";
import { MemoryCallbacks, named, trial } from "../machine/trial.ts";
import { CHILD } from "./fixture/catalogue/differences.ts";
import * as flows from "./fixture/functions/differences/flows.ts";

/** Rows of docs/differences.md, each shown by the test of that name. */
const ROWS = [
  ...readFileSync(join(import.meta.dirname, "../../../docs/differences.md"), "utf8").matchAll(
    /^\| (?!-|what)([^|]+?) *\|/gm,
  ),
].map(([, row]) => row ?? "");

const root = join(import.meta.dirname, "fixture");
const PARAMETERS = ["amount", "tag"].map((name) => ({ name, required: true }));
const { workflows, diagnostics } = compileCatalogue({
  root,
  workflows: Object.keys(flows).map((name) => ({
    ...{
      name: name === "counts" ? CHILD.name : name,
      module: "differences/flows",
      function: name,
      parameters: PARAMETERS,
    },
    ...(name === "lasts" ? { timeoutSeconds: 30 } : {}),
  })),
});

type Name = keyof typeof flows;
type Seen = { readonly end: Json; readonly calls: readonly string[] };

const GIVEN = { amount: 1, tag: "a" };

/** The flow as the state machine that it becomes, with tasks that do what they do. */
async function asMachine(name: Name, given: JsonObject = GIVEN): Promise<Seen> {
  const { machine } = workflows.find((workflow) => workflow.name === name) ?? {};
  if (machine === undefined) throw new Error(JSON.stringify(diagnostics));
  const calls: string[] = [];
  const callbacks = new MemoryCallbacks();
  const answer = (payload: JsonObject): Json => {
    if (typeof payload["workflow"] === "string") return (calls.push("child"), "no number");
    calls.push(payload["task"] as string);
    checkTags((payload["tags"] as string[] | undefined) ?? []);
    if (payload["task"] === "fail") throw named("Error", "no");
    return payload["input"] ?? null;
  };
  const handler = (payload: Json): Json => {
    if (!isJsonObject(payload)) throw new Error("no payload");
    const result = answer(payload);
    if (typeof payload["token"] === "string") callbacks.answer(payload["token"], { output: result });
    return result;
  };
  const tasks = new Proxy({}, { get: () => handler, has: () => true });
  const { outcome } = await trial(machine, { input: given, tasks, callbacks });
  return { end: outcome.status === "SUCCEEDED" ? outcome.output : (outcome.error ?? outcome.status), calls };
}

/** The flow as the function that it is. */
async function asFunction(name: Name, given: JsonObject = GIVEN, options: DirectOptions = {}): Promise<Seen> {
  const trace = newTrace();
  const children = { child: async () => "no number" };
  const flow = flows[name] as (given: JsonObject) => Promise<Json>;
  let end: Json;
  try {
    end = await direct(flow, given, { workflows: children, ...options, trace });
  } catch (error) {
    end = (error as Error).name;
  }
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  const calls = trace.events.flatMap((event) =>
    "call" in event ? [event.call.task] : "child" in event ? ["child"] : [],
  );
  return { end, calls };
}

const SHOWN: { readonly [row: string]: () => Promise<void> } = {
  "digits of a number in a text": async () => {
    const given = { ...GIVEN, amount: 0.1 + 0.2 };
    expect((await asFunction("shows", given)).end).toBe("0.30000000000000004");
    expect((await asMachine("shows", given)).end).toBe("0.3");
  },
  "a number above 1.8e308": async () => {
    const given = { ...GIVEN, amount: 1e308 };
    expect((await asFunction("grows", given)).end).toBeNull();
    expect((await asMachine("grows", given)).end).toBe("Infinity");
  },
  "a key that every object has": async () => {
    const given = { ...GIVEN, tag: "constructor" };
    expect((await asFunction("looksUp", given)).end).toBe("there");
    expect((await asMachine("looksUp", given)).end).toBe("absent");
  },
  "tags that are refused": async () => {
    const given = { ...GIVEN, tag: "a\u0000" };
    expect((await asFunction("tags", given)).end).toBe(ErrorName.INVALID_REQUEST);
    expect((await asMachine("tags", given)).end).toBe("the task has failed");
  },
  "result of a child that its schema refuses": async () => {
    expect((await asFunction("trusts")).end).toBe(ErrorName.INVALID_OUTPUT);
    expect((await asMachine("trusts")).end).toBe("no number");
  },
  "a child that is submitted": async () => {
    const end = "after the child was started";
    const children = { child: flows.counts };
    expect(await asFunction("starts", GIVEN, { workflows: children })).toEqual({ end, calls: ["child", "note"] });
    expect(await asMachine("starts")).toEqual({ end, calls: ["child", "note"] });
    const trace = newTrace();
    await direct(flows.starts, undefined as never, { workflows: children, trace });
    expect(trace.events.map(({ at }) => at)).toEqual([0, 60_000, 60_000]);
  },
  "a Promise.all that has failed": async () => {
    expect(await asFunction("joins")).toEqual({ end: "Error", calls: ["fail", "note"] });
    expect(await asMachine("joins")).toEqual({ end: "Error", calls: ["fail"] });
  },
  "`timeoutSeconds` of a workflow": async () => {
    const workflow = { ...CHILD, timeoutSeconds: 30 };
    expect((await asFunction("lasts", {}, { workflow })).end).toBe("late");
    expect((await asMachine("lasts", {})).end).toBe(ErrorName.TIMEOUT);
  },
  "parameters of another type than the flow's": async () => {
    const given = { ...GIVEN, amount: "many" };
    expect((await asFunction("compares", given)).end).toBe("less");
    expect((await asMachine("compares", given)).end).toBe("States.QueryEvaluationError");
  },
};

describe("docs/differences.md", () => {
  it("has a test for each row, and a row for each test", () => {
    expect(diagnostics).toEqual([]);
    expect(Object.keys(SHOWN)).toEqual(ROWS);
  });

  it.each(Object.entries(SHOWN))("%s", async (_, shown) => shown());
});
