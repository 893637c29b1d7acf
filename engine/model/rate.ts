import { Cron } from "croner";
import { ErrorName, MillraceError } from "./errors.ts";
import type { WorkflowDefinition } from "./workflow.ts";

const DAYS_A_MONTH = 365 / 12;
const MINUTES_A_DAY = 1440;
/** A month is a twelfth of 365 days. */
export const PER_MONTH = {
  second: 86_400 * DAYS_A_MONTH,
  minute: MINUTES_A_DAY * DAYS_A_MONTH,
  hour: 24 * DAYS_A_MONTH,
  day: DAYS_A_MONTH,
  week: DAYS_A_MONTH / 7,
  month: 1,
};

/** How often a workflow runs. */
export interface Rate {
  /** `1000/day`, or the cron. */
  readonly text: string;
  readonly runsPerMonth: number;
}

/** `1000/day`. @throws MillraceError `InvalidRequest` */
export function parseRate(text: string): Rate {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)\/([a-z]+)$/.exec(text) ?? [];
  if (digits !== undefined && unit !== undefined && Object.hasOwn(PER_MONTH, unit)) {
    return { text, runsPerMonth: Number(digits) * PER_MONTH[unit as keyof typeof PER_MONTH] };
  }
  throw new MillraceError(
    ErrorName.INVALID_REQUEST,
    `${JSON.stringify(text)} is no rate. Give <number>/<unit>, such as 1000/day; units are ${Object.keys(PER_MONTH).join(", ")}.`,
  );
}

/**
 * The rate of a cron in the average month of a year. A cron fires at the same minutes on each of its days, so the days
 * of a year and the minutes of one day are counted apart; zones only move them.
 */
export function cronRate({ cron }: Pick<WorkflowDefinition, "cron">): Rate | undefined {
  if (cron === undefined) return undefined;
  const schedule = new Cron(cron, { utcOffset: 0, mode: "5-part", paused: true });
  const first = schedule.nextRun(new Date(YEAR_START));
  if (first === null) return { text: cron, runsPerMonth: 0 };
  const day = first.getTime() - (first.getTime() % DAY_MS);
  const time = first.getTime() - day;
  const fires = (count: number, at: (index: number) => number): number =>
    Array.from({ length: count }, (_, index) => at(index)).filter((when) => schedule.match(new Date(when))).length;
  const days = fires(365, (index) => YEAR_START + index * DAY_MS + time);
  const minutes = fires(MINUTES_A_DAY, (index) => day + index * 60_000);
  return { text: cron, runsPerMonth: (days * minutes) / 12 };
}

const DAY_MS = 86_400_000;
/** A year of 365 days. */
const YEAR_START = Date.UTC(2027, 0, 1);
