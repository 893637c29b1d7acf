import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { objects, unknown } from "./verify-fields.ts";

const RETRIER = ["ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy"];
const CATCHER = ["ErrorEquals", "Next", "Assign", "Output"];

/** What is wrong with the retriers and catchers of a state. */
export function handlerProblems(state: JsonObject): string[] {
  return [
    ...listProblems("Retry", state["Retry"], (retrier) => [
      ...unknown(retrier, [...RETRIER, "Comment"], "a retrier"),
      ...delayProblems(retrier),
    ]),
    ...listProblems("Catch", state["Catch"], (catcher) => [
      ...unknown(catcher, [...CATCHER, "Comment"], "a catcher"),
      ...(typeof catcher["Next"] === "string" ? [] : ["a catcher has no Next"]),
    ]),
  ];
}

function listProblems(key: string, value: Json | undefined, problemsOf: (one: JsonObject) => string[]): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || !value.every(isJsonObject)) return [`its ${key} is no list of objects`];
  return objects(value).flatMap((handler, at, all) => [
    ...problemsOf(handler),
    ...errorProblems(key, handler, at, all),
  ]);
}

function errorProblems(key: string, handler: JsonObject, at: number, all: readonly JsonObject[]): string[] {
  const errors = handler["ErrorEquals"];
  if (!Array.isArray(errors) || errors.length === 0) return [`${key} ${at} names no error`];
  if (!errors.every((error) => typeof error === "string")) return [`${key} ${at} names an error that is no string`];
  const isWrong = errors.includes("States.ALL") && (errors.length > 1 || at < all.length - 1);
  return isWrong ? [`States.ALL in ${key} is not alone and last`] : [];
}

const LONGEST_DELAY = 31_622_400;

function delayProblems(retrier: JsonObject): string[] {
  const { IntervalSeconds = 1, MaxAttempts = 3, BackoffRate = 2, MaxDelaySeconds, JitterStrategy = "NONE" } = retrier;
  const isWhole = (value: Json, least: number, most: number): boolean =>
    typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
  const wrong = (field: string, value: Json, allowed: string): string =>
    `a retrier's ${field} is ${JSON.stringify(value)}, allowed are ${allowed}`;
  return [
    isWhole(IntervalSeconds, 1, 99_999_999) || wrong("IntervalSeconds", IntervalSeconds, "whole numbers from 1"),
    isWhole(MaxAttempts, 0, 99_999_999) || wrong("MaxAttempts", MaxAttempts, "whole numbers from 0 to 99999999"),
    (typeof BackoffRate === "number" && BackoffRate >= 1) || wrong("BackoffRate", BackoffRate, "numbers from 1"),
    MaxDelaySeconds === undefined ||
      (isWhole(MaxDelaySeconds, 1, LONGEST_DELAY - 1) && Number(MaxDelaySeconds) > Number(IntervalSeconds)) ||
      wrong("MaxDelaySeconds", MaxDelaySeconds, `whole numbers above IntervalSeconds and below ${LONGEST_DELAY}`),
    ["FULL", "NONE"].includes(JitterStrategy as string) || wrong("JitterStrategy", JitterStrategy, '"FULL" and "NONE"'),
  ].filter((problem) => problem !== true);
}
