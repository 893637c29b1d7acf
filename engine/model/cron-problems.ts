import { Cron } from "croner";

/** `*`, numbers and three-letter names; ranges, steps and lists of them. */
const UNIX_FIELD = /^(?:(?:\*|(?:\d+|[A-Za-z]{3})(?:-(?:\d+|[A-Za-z]{3}))?)(?:\/\d+)?(?:,(?!$)|$))+$/;

/** Why this cannot be the cron entry of a workflow. Apart from definitions, so that a Lambda bundle does without croner. */
export function cronProblems(cron: string, timezone: string | undefined): string[] {
  const fields = cron.trim().split(/\s+/);
  if (fields.length !== 5 || !fields.every((field) => UNIX_FIELD.test(field))) {
    return [
      `cron ${JSON.stringify(cron)} must have five fields of unix cron: minute hour day-of-month month day-of-week`,
    ];
  }
  try {
    // Without a zone no time zone data is loaded, which takes 8 MiB.
    const schedule = new Cron(cron, { ...(timezone === undefined ? { utcOffset: 0 } : { timezone }), mode: "5-part" });
    return schedule.nextRun() === null ? [`cron ${JSON.stringify(cron)} never fires`] : [];
  } catch (error) {
    return [
      `cron ${JSON.stringify(cron)} in zone ${JSON.stringify(timezone ?? "UTC")} is not valid: ${(error as Error).message}`,
    ];
  }
}
