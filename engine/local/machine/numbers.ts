import { expressionNamed } from "../jsonata/expression.ts";
import type { Json } from "../../model/json.ts";
import { queryFailure, unexpectedResult } from "./failure.ts";
import type { Visit } from "./visit.ts";

/** What a field allows: whole numbers, unless they may be broken ones, from `least`, which is 0 where it is left out. */
export interface Range {
  readonly least?: number;
  readonly most?: number;
  readonly broken?: true;
}

/** The number that a field of the state gives, nothing where it has none. @throws StateFailed */
export async function numberIn(
  visit: Visit,
  field:
    "TimeoutSeconds" | "HeartbeatSeconds" | "Seconds" | "MaxConcurrency" | `ToleratedFailure${"Count" | "Percentage"}`,
  range: Range = {},
): Promise<number | undefined> {
  const value = await visit.evaluate(visit.state.fields[field]);
  return value === undefined ? undefined : checked(visit, field, value, range);
}

/** @throws StateFailed where the value of the field with that path is no such number */
export function checked(visit: Visit, path: string, value: Json, { least = 0, most, broken }: Range): number {
  if (typeof value !== "number") {
    throw unexpectedResult(expressionNamed(visit.textOf(path) ?? JSON.stringify(value), path), value, "number");
  }
  if (broken !== true && !Number.isInteger(value)) {
    throw queryFailure(`The ${path} field cannot be parsed as an integer: ${value}`);
  }
  if (value >= least && (most === undefined || value <= most)) return value;
  const allowed = most === undefined ? `must be ${least} or greater` : `must be between ${least} and ${most}`;
  throw queryFailure(`${path} ${allowed} but was: ${value}`);
}
