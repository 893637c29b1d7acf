import { ErrorName, MillraceError } from "../engine/model/errors.ts";

/**
 * Unix cron in EventBridge Scheduler's dialect: `0 9 * * 1-5` becomes `0 9 ? * MON-FRI *`. One of day-of-month and
 * day-of-week must be `?` there, while unix means "either" where both are restricted: that takes two expressions, and a
 * day that both name fires twice at the same scheduled time, which is one run.
 * @throws MillraceError `InvalidDefinition` for what only some crons know, such as `L` and `W`
 */
export function awsCronExpressions(cron: string): string[] {
  const texts = cron.trim().toUpperCase().split(/\s+/);
  const [minute, hour, dayOfMonth, month, dayOfWeek] = FIELDS.map((field, index) => {
    try {
      return render(field, expand(field, texts[index] ?? ""));
    } catch (error) {
      throw new MillraceError(
        ErrorName.INVALID_DEFINITION,
        `cron ${JSON.stringify(cron)} cannot become a schedule on AWS: ${(error as Error).message}.`,
      );
    }
  });
  const onDaysOfMonth = `${minute} ${hour} ${dayOfMonth} ${month} ? *`;
  const onDaysOfWeek = `${minute} ${hour} ? ${month} ${dayOfWeek} *`;
  if (texts[4] === "*") return [onDaysOfMonth];
  if (texts[2] === "*") return [onDaysOfWeek];
  return [onDaysOfMonth, onDaysOfWeek];
}

interface Field {
  readonly label: string;
  readonly low: number;
  readonly high: number;
  /** Names of the values from `low` on. */
  readonly names: readonly string[];
  /** A second number for the first value: Sunday is 0 and 7. */
  readonly alias?: number;
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const DAY_OF_WEEK: Field = { label: "day-of-week", low: 0, high: 6, names: DAYS, alias: 7 };
const FIELDS: readonly Field[] = [
  { label: "minute", low: 0, high: 59, names: [] },
  { label: "hour", low: 0, high: 23, names: [] },
  { label: "day-of-month", low: 1, high: 31, names: [] },
  { label: "month", low: 1, high: 12, names: MONTHS },
  DAY_OF_WEEK,
];

/** The values that a field names, ascending. */
function expand(field: Field, text: string): number[] {
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const [, span, first, last, step, only] = /^(?:(\*|(\w+)-(\w+))(?:\/([1-9]\d*))?|(\w+))$/.exec(part) ?? [];
    const from = span === "*" ? field.low : numberOf(field, first ?? only ?? part);
    const to = span === "*" ? field.high : numberOf(field, last ?? only ?? part);
    for (let value = from; value <= to; value += Number(step ?? 1)) {
      values.add(value === field.alias ? field.low : value);
    }
  }
  return [...values].sort((a, b) => a - b);
}

function numberOf(field: Field, text: string): number {
  const named = field.names.indexOf(text);
  const value = named >= 0 ? named + field.low : /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= field.low && value <= (field.alias ?? field.high)) return value;
  const names = field.names.length === 0 ? "" : ` or ${field.names[0]} to ${field.names.at(-1)}`;
  throw new Error(
    `${JSON.stringify(text)} is no ${field.label}; allowed are ${field.low} to ${field.alias ?? field.high}${names}, ` +
      `with "-" for a range, "," for a list and "/" after "*" or a range for a step`,
  );
}

/** Every value is `*`, equal steps to the end of the field are `0/15`, all else is a list of values and ranges. */
function render(field: Field, values: readonly number[]): string {
  const [first = field.low, second = field.low] = values;
  if (values.length === field.high - field.low + 1) return "*";
  const step = second - first;
  const even = values.every((value, index) => value === first + index * step);
  if (even && values.length > 2 && step > 1 && first + values.length * step > field.high && field !== DAY_OF_WEEK) {
    return `${first}/${step}`;
  }
  return runs(values)
    .map(([from, to]) => (from === to ? nameOf(field, from) : `${nameOf(field, from)}-${nameOf(field, to)}`))
    .join(",");
}

/** AWS counts days of the week from 1, so they go by name. */
function nameOf(field: Field, value: number): string {
  return field === DAY_OF_WEEK ? (DAYS[value] ?? "") : String(value);
}

function runs(values: readonly number[]): (readonly [from: number, to: number])[] {
  const starts = values.filter((value) => !values.includes(value - 1));
  const ends = values.filter((value) => !values.includes(value + 1));
  return starts.map((start, index) => [start, ends[index] ?? start]);
}
