import type { Json, JsonObject } from "../model/json.ts";
import { isJsonObject } from "../model/json.ts";

/** A string of a state that is evaluated, and the place that decides what `$states` has there. */
export interface Field {
  readonly path: string;
  readonly text: string;
  readonly place: "entry" | "token" | "exit" | "catch" | "item";
}

/** Which fields of `$states` a place may read. */
export const READABLE: { readonly [place in Field["place"]]: readonly string[] } = {
  entry: ["input", "context"],
  token: ["input", "context", "context.Task"],
  exit: ["input", "context", "result"],
  catch: ["input", "context", "errorOutput"],
  item: ["input", "context", "context.Map"],
};

const MACHINE = ["Comment", "QueryLanguage", "StartAt", "States", "TimeoutSeconds", "Version"];
const COMMON = ["Type", "Comment", "QueryLanguage"];
const EXITS = ["Next", "End", "Assign", "Output"];
const HANDLERS = ["Retry", "Catch"];
const DISTRIBUTED = ["ItemReader", "ItemBatcher", "ResultWriter"];
const TOLERATED = ["ToleratedFailureCount", "ToleratedFailurePercentage"];

/** The fields of each type of state in JSONata mode. */
const ALLOWED: { readonly [type: string]: readonly string[] } = {
  Task: [...EXITS, ...HANDLERS, "Resource", "Arguments", "TimeoutSeconds", "HeartbeatSeconds", "Credentials"],
  Pass: EXITS,
  Wait: [...EXITS, "Seconds", "Timestamp"],
  Choice: ["Choices", "Default", "Assign", "Output"],
  Succeed: ["Output"],
  Fail: ["Error", "Cause"],
  Parallel: [...EXITS, ...HANDLERS, "Arguments", "Branches"],
  Map: [
    ...[...EXITS, ...HANDLERS, "Items", "ItemSelector", "ItemProcessor", "MaxConcurrency", "Label"],
    ...[...DISTRIBUTED, ...TOLERATED],
  ],
};

const NEEDED: { readonly [type: string]: string } = {
  Task: "Resource",
  Choice: "Choices",
  Parallel: "Branches",
  Map: "ItemProcessor",
};

const RULE = ["Comment", "Condition", "Next", "Assign", "Output"];
const BRANCH = ["Comment", "StartAt", "States"];
const PROCESSOR = [...BRANCH, "ProcessorConfig"];
const BATCHER = ["BatchInput", "MaxInputBytesPerBatch", "MaxItemsPerBatch"];

export function isMachineField(key: string): boolean {
  return MACHINE.includes(key);
}

const NEUTRAL: { readonly [type: string]: readonly string[] } = {
  Pass: [...COMMON, "Next", "End"],
  Succeed: COMMON,
  Fail: [...COMMON, "Error", "Cause"],
};

/** Whether a state has nothing that its query language decides. */
export function isNeutral(state: JsonObject): boolean {
  const allowed = NEUTRAL[stringOf(state["Type"])];
  return allowed !== undefined && Object.keys(state).every((key) => allowed.includes(key));
}

/** Fields that a state has and must not have, or must have and has not. */
export function fieldProblems(state: JsonObject): string[] {
  const type = stringOf(state["Type"]);
  const allowed = ALLOWED[type];
  if (allowed === undefined) return [`its type is ${JSON.stringify(state["Type"])}`];
  const needed = NEEDED[type];
  return [
    ...unknown(state, [...COMMON, ...allowed], `a ${type} state`),
    ...(needed !== undefined && state[needed] === undefined ? [`it has no ${needed}`] : []),
    ...objects(state["Choices"]).flatMap(ruleProblems),
    ...objects(state["Branches"]).flatMap((branch) => unknown(branch, BRANCH, "a branch")),
    ...(type === "Map" ? mapProblems(state) : []),
    ...(type === "Wait" && (state["Seconds"] === undefined) === (state["Timestamp"] === undefined)
      ? ["it needs either Seconds or Timestamp"]
      : []),
    ...(allowed.includes("Next") ? exitProblems(state) : []),
    ...[state, ...objects(state["Choices"]), ...objects(state["Catch"])].flatMap((part) =>
      assignProblems(part["Assign"]),
    ),
    ...callProblems(state),
  ];
}

function exitProblems(state: JsonObject): string[] {
  const goesOn = state["Next"] !== undefined;
  const ends = state["End"] === true;
  if (goesOn === ends) return [goesOn ? "it has both Next and End" : "it has neither Next nor End"];
  return [];
}

function ruleProblems(rule: JsonObject): string[] {
  const { Condition: condition, Next: next } = rule;
  const isText = typeof condition === "string" && /^\{%|%\}$/.test(condition);
  const problem =
    condition === undefined
      ? "a rule has no Condition"
      : "a rule's Condition is neither an expression nor true or false";
  return [
    ...unknown(rule, RULE, "a choice rule"),
    ...(isText || typeof condition === "boolean" ? [] : [problem]),
    ...(typeof next === "string" ? [] : ["a rule has no Next"]),
  ];
}

function mapProblems(state: JsonObject): string[] {
  const { ItemProcessor: processor = null, ItemBatcher: batcher = null } = state;
  if (!isJsonObject(processor)) return [];
  const config = processor["ProcessorConfig"] ?? {};
  if (!isJsonObject(config)) return ["its ProcessorConfig is no object"];
  const { Mode: mode = "INLINE", ExecutionType: execution } = config;
  const isDistributed = mode === "DISTRIBUTED";
  return [
    ...unknown(processor, PROCESSOR, "an ItemProcessor"),
    ...unknown(config, ["Mode", "ExecutionType"], "a ProcessorConfig"),
    ...(isDistributed || mode === "INLINE" ? [] : [`its Mode is ${JSON.stringify(mode)}`]),
    ...(isDistributed && execution !== "STANDARD" && execution !== "EXPRESS"
      ? ["its ExecutionType is neither STANDARD nor EXPRESS"]
      : []),
    ...(isJsonObject(batcher) ? unknown(batcher, BATCHER, "an ItemBatcher") : []),
    ...(isJsonObject(batcher) && !BATCHER.slice(1).some((field) => field in batcher)
      ? ["its ItemBatcher needs MaxItemsPerBatch or MaxInputBytesPerBatch"]
      : []),
  ];
}

function callProblems({ Resource: resource, Arguments: given, Credentials: credentials }: JsonObject): string[] {
  const isSdk = /^arn:[^:]*:states:::aws-sdk:/.test(stringOf(resource));
  return [
    ...(isSdk && given === undefined ? ["a call of an AWS SDK needs Arguments, though they may be {}"] : []),
    ...(isJsonObject(credentials) && credentials["RoleArn"] === undefined ? ["its Credentials have no RoleArn"] : []),
  ];
}

export function unknown(part: JsonObject, allowed: readonly string[], what: string): string[] {
  return Object.keys(part)
    .filter((key) => !allowed.includes(key))
    .map((key) => `${what} has no field ${key} in JSONata mode`);
}

function assignProblems(assign: Json | undefined): string[] {
  if (assign === undefined) return [];
  if (!isJsonObject(assign)) return ["Assign is no object"];
  return Object.keys(assign).flatMap((name) => {
    if (name === "states") return ["Assign writes `states`, which is reserved"];
    return /^\p{ID_Start}\p{ID_Continue}*$/u.test(name) && name.length <= 80
      ? []
      : [`\`${name}\` cannot be the name of a variable`];
  });
}

export function stringOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

export function objects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** Fields whose strings are never evaluated, and those of inner states. */
const PLAIN = [...COMMON, "Next", "Default", "Resource", "Label", "Retry", "Branches", "ItemProcessor"];

/** Every string of a state that looks like an expression, those of inner states apart. */
export function fieldsOf(state: JsonObject): Field[] {
  const { Catch, Choices, Assign, Output, ItemSelector, ...rest } = state;
  const own = Object.fromEntries(Object.entries(rest).filter(([key]) => !PLAIN.includes(key)));
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
  ].filter(({ path }) => !/^(Choices|Catch)\[\d+\]\/(Comment|Next|ErrorEquals\[\d+\])$/.test(path));
}
