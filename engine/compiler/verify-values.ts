import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";

/** What a literal in a field must be; an expression is judged when it has run. */
interface Rule {
  readonly fits: (value: Json) => boolean;
  readonly allowed: string;
  /** Whether the field takes an expression. */
  readonly evaluated: boolean;
}

const LONGEST_SECONDS = 99_999_999;

function whole(least: number, most = Infinity, evaluated = true): Rule {
  const fits = (value: Json): boolean =>
    typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
  return { fits, allowed: `whole numbers from ${least}${most === Infinity ? "" : ` to ${most}`}`, evaluated };
}

function matching(pattern: RegExp, allowed: string, evaluated: boolean): Rule {
  return { fits: (value) => typeof value === "string" && pattern.test(value), allowed, evaluated };
}

const text = (evaluated: boolean): Rule => matching(/^/, "strings", evaluated);
const object: Rule = { fits: isJsonObject, allowed: "objects", evaluated: false };
const list: Rule = {
  fits: (value) => Array.isArray(value) && value.length > 0 && value.every(isJsonObject),
  allowed: "lists of objects that are not empty",
  evaluated: false,
};

const percentage: Rule = {
  fits: (value) => typeof value === "number" && value >= 0 && value <= 100,
  allowed: "numbers from 0 to 100",
  evaluated: true,
};

const timestamp: Rule = {
  fits: (value) => typeof value === "string" && isTimestamp(value),
  allowed: "timestamps such as 2026-01-31T09:30:00Z",
  evaluated: true,
};

const RULES: { readonly [field: string]: Rule } = {
  Comment: text(false),
  TimeoutSeconds: whole(1, LONGEST_SECONDS),
  HeartbeatSeconds: whole(1, LONGEST_SECONDS),
  Seconds: whole(0, LONGEST_SECONDS),
  Timestamp: timestamp,
  MaxConcurrency: whole(0),
  ToleratedFailureCount: whole(0),
  ToleratedFailurePercentage: percentage,
  Error: text(true),
  Cause: text(true),
  Next: text(false),
  Default: text(false),
  End: { fits: (value) => typeof value === "boolean", allowed: "true and false", evaluated: false },
  Resource: matching(/^arn:[^:$]+:[^$]+$/, "ARNs", false),
  Label: matching(/^[^\s?*<>{}[\]:;,\\|^~$#%&`"]{1,40}$/, "up to 40 letters, digits, - and _", false),
  Choices: list,
  Branches: list,
  ItemProcessor: object,
  Credentials: object,
  ItemBatcher: object,
};

const BATCHER: { readonly [field: string]: Rule } = {
  MaxItemsPerBatch: whole(1),
  MaxInputBytesPerBatch: whole(1, 262_144),
};

/** The literals in a state, or on a machine, that its fields do not take. */
export function valueProblems(part: JsonObject): string[] {
  const { ItemBatcher: batcher, TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat } = part;
  const isLate = typeof timeout === "number" && typeof heartbeat === "number" && heartbeat >= timeout;
  return [
    ...broken(part, RULES),
    ...(isJsonObject(batcher) ? broken(batcher, BATCHER) : []),
    ...(isLate ? [`its HeartbeatSeconds ${heartbeat} are not below its TimeoutSeconds ${timeout}`] : []),
  ];
}

function broken(part: JsonObject, rules: typeof RULES): string[] {
  return Object.entries(rules).flatMap(([field, { fits, allowed, evaluated }]) => {
    const value = part[field];
    if (value === undefined || (evaluated && typeof value === "string" && /^\{%|%\}$/.test(value))) return [];
    return fits(value) ? [] : [`its ${field} is ${JSON.stringify(value)?.slice(0, 100)}, allowed are ${allowed}`];
  });
}

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function isTimestamp(value: string): boolean {
  const date = value.slice(0, 10);
  const midnight = Date.parse(`${date}T00:00:00Z`);
  return (
    TIMESTAMP.test(value) &&
    !Number.isNaN(Date.parse(value)) &&
    !Number.isNaN(midnight) &&
    new Date(midnight).toISOString().startsWith(date)
  );
}
