import type { Json, JsonObject } from "../model/json.ts";
import { isJsonObject } from "../model/json.ts";

/** A string of a state that is evaluated, and the place that decides what `$states` has there. */
export interface Field {
  readonly path: string;
  readonly text: string;
  readonly place: "entry" | "token" | "exit" | "catch" | "item";
}

const COMMON = ["Type", "Comment", "QueryLanguage"];
const EXITS = ["Next", "End", "Assign", "Output"];
const HANDLERS = ["Retry", "Catch"];

/** The fields of each type of state in JSONata mode. */
const ALLOWED: { readonly [type: string]: readonly string[] } = {
  Task: [...EXITS, ...HANDLERS, "Resource", "Arguments", "TimeoutSeconds", "HeartbeatSeconds", "Credentials"],
  Pass: EXITS,
  Wait: [...EXITS, "Seconds", "Timestamp"],
  Choice: ["Choices", "Default", "Assign", "Output"],
  Succeed: ["Output"],
  Fail: ["Error", "Cause"],
  Parallel: [...EXITS, ...HANDLERS, "Arguments", "Branches"],
  Map: [...EXITS, ...HANDLERS, "Items", "ItemSelector", "ItemProcessor", "MaxConcurrency"],
};

const RULE = ["Comment", "Condition", "Next", "Assign", "Output"];
const CATCHER = ["Comment", "ErrorEquals", "Next", "Assign", "Output"];

export function fieldProblems(state: JsonObject): string[] {
  const type = stringOf(state["Type"]);
  const allowed = ALLOWED[type];
  if (allowed === undefined) return [`its type is ${JSON.stringify(state["Type"])}`];
  return [
    ...unknown(state, [...COMMON, ...allowed], `a ${type} state`),
    ...objects(state["Choices"]).flatMap((rule) => unknown(rule, RULE, "a choice rule")),
    ...objects(state["Catch"]).flatMap((catcher) => unknown(catcher, CATCHER, "a catcher")),
    ...[state, ...objects(state["Choices"]), ...objects(state["Catch"])].flatMap((part) =>
      assignProblems(part["Assign"]),
    ),
  ];
}

function unknown(part: JsonObject, allowed: readonly string[], what: string): string[] {
  return Object.keys(part)
    .filter((key) => !allowed.includes(key))
    .map((key) => `${what} has no field ${key} in JSONata mode`);
}

function assignProblems(assign: Json | undefined): string[] {
  if (assign === undefined) return [];
  if (!isJsonObject(assign)) return ["Assign is no object"];
  return Object.keys(assign).flatMap((name) => {
    if (name === "states") return ["Assign writes `states`, which is reserved"];
    return /^[A-Za-z][A-Za-z0-9_]{0,79}$/.test(name) ? [] : [`\`${name}\` cannot be the name of a variable`];
  });
}

export function stringOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

export function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** Every string of a state that looks like an expression, those of inner states apart. */
export function fieldsOf(state: JsonObject): Field[] {
  const { Catch, Choices, Assign, Output, ItemSelector, ...own } = state;
  delete own["Branches"];
  delete own["ItemProcessor"];
  const leaves = (value: Json | undefined, path: string, place: Field["place"]): Field[] => {
    if (typeof value === "string") return /^\{%|%\}$/.test(value) ? [{ path, text: value, place }] : [];
    if (Array.isArray(value)) return value.flatMap((one, at) => leaves(one, `${path}[${at}]`, place));
    if (!isJsonObject(value)) return [];
    return Object.entries(value).flatMap(([key, one]) => leaves(one, path === "" ? key : `${path}/${key}`, place));
  };
  const exit = ["Task", "Map", "Parallel"].includes(stringOf(state["Type"])) ? "exit" : "entry";
  const awaitsToken = stringOf(state["Resource"]).endsWith(".waitForTaskToken");
  return [
    ...leaves(own, "", awaitsToken ? "token" : "entry"),
    ...leaves(ItemSelector, "ItemSelector", "item"),
    ...leaves(Choices, "Choices", "entry"),
    ...leaves(Assign, "Assign", exit),
    ...leaves(Output, "Output", exit),
    ...leaves(Catch, "Catch", "catch"),
  ];
}
