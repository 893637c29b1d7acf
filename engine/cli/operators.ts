import type { Command } from "commander";
import type { AnswerOptions } from "./commands/answer.ts";
import type { ReleaseOptions } from "./commands/locks.ts";
import type { BackfillOptions, NextOptions, PauseOptions } from "./commands/schedule.ts";
import { onPlatform, whole, type AddCommand } from "./grammar.ts";
import type { PlatformOptions } from "./session.ts";

/** The grammar of what operators do to runs, limits, locks and schedules. */
export function addOperatorCommands(millrace: Command, add: AddCommand): void {
  const tree = add<PlatformOptions>(
    millrace,
    "tree <id>",
    "show a run with what started it and what it started",
    async (output, options, id = "") => (await import("./commands/tree.ts")).tree(output, id, options),
  );
  const cancel = add<PlatformOptions>(
    millrace,
    "cancel <id>",
    "cancel a run with the children that it executes",
    async (output, options, id = "") => (await import("./commands/cancel.ts")).cancel(output, id, options),
  );
  const retry = add<PlatformOptions>(
    millrace,
    "retry <id>",
    "start a run that has ended once more, with its parameters",
    async (output, options, id = "") => (await import("./commands/retry.ts")).retry(output, id, options),
  );
  const answer = add<AnswerOptions>(
    millrace,
    "answer <id> <step>",
    "answer a step that waits for an event, such as an approval",
    async (output, options, id = "", step = "") =>
      (await import("./commands/answer.ts")).answer(output, id, step, options),
  );
  answer
    .option("--value <json>", "what the flow gets")
    .option("--error <name>", "the error that the flow gets instead")
    .option("--message <text>", "of the error");
  const doctor = add<PlatformOptions>(
    millrace,
    "doctor [subject]",
    "say what keeps the platform, a workflow or a run from going on",
    async (output, options, subject) => (await import("./commands/doctor.ts")).doctor(output, subject, options),
  );
  for (const command of [tree, cancel, retry, answer, doctor]) onPlatform(command);
  addLimits(millrace, add);
  addLocks(millrace, add);
  addSchedule(millrace, add);
}

function addLimits(millrace: Command, add: AddCommand): void {
  const limits = add<PlatformOptions>(
    millrace,
    "limits",
    "list the concurrency limits, who holds them and who waits",
    async (output, options) => (await import("./commands/limits.ts")).limits(output, options),
  );
  const set = add<PlatformOptions>(
    limits,
    "set <name> <runs>",
    "let so many run at once, whatever the catalogue says",
    async (output, options, name = "", runs = "") =>
      (await import("./commands/limits.ts")).set(output, name, runs, options),
  );
  const reset = add<PlatformOptions>(
    limits,
    "reset <name>",
    "give the limit back to the catalogue",
    async (output, options, name = "") => (await import("./commands/limits.ts")).set(output, name, undefined, options),
  );
  for (const command of [limits, set, reset]) onPlatform(command);
}

function addLocks(millrace: Command, add: AddCommand): void {
  const locks = add<PlatformOptions>(
    millrace,
    "locks",
    "list the locks, who holds them and who waits",
    async (output, options) => (await import("./commands/locks.ts")).locks(output, options),
  );
  const release = add<ReleaseOptions>(
    locks,
    "release <name>",
    "take a lock from who holds it",
    async (output, options, name = "") => (await import("./commands/locks.ts")).release(output, name, options),
  ).option("--yes", "do not ask");
  for (const command of [locks, release]) onPlatform(command);
}

function addSchedule(millrace: Command, add: AddCommand): void {
  const schedule = millrace.command("schedule").description("list, pause and make up for scheduled runs");
  const list = add<PlatformOptions>(
    schedule,
    "list",
    "list the schedules: next and last fire, paused, overdue",
    async (output, options) => (await import("./commands/schedule.ts")).list(output, options),
    { isDefault: true },
  );
  const next = add<NextOptions>(
    schedule,
    "next [workflow]",
    "list the next fires in order of time",
    async (output, options, workflow) => (await import("./commands/schedule.ts")).next(output, workflow, options),
  ).option("--count <fires>", "so many; five of each workflow where it is left out", whole);
  const pause = add<PauseOptions>(
    schedule,
    "pause <workflow>",
    "let the schedule of a workflow fire no more until it is resumed",
    async (output, options, workflow = "") => (await import("./commands/schedule.ts")).pause(output, workflow, options),
  ).option("--reason <text>", "why");
  const resume = add<PlatformOptions>(
    schedule,
    "resume <workflow>",
    "let the schedule of a workflow fire again",
    async (output, options, workflow = "") =>
      (await import("./commands/schedule.ts")).resume(output, workflow, options),
  );
  const backfill = add<BackfillOptions>(
    schedule,
    "backfill <workflow>",
    "submit the runs of past fires that have none",
    async (output, options, workflow = "") =>
      (await import("./commands/schedule.ts")).backfillRuns(output, workflow, options),
  )
    .requiredOption("--from <time>", "of fires since then: 30min, 2h, 7d, or an ISO time")
    .option("--to <time>", "until then; now where it is left out")
    .option("--dry-run", "only show what would be submitted")
    .option("--yes", "do not ask");
  for (const command of [list, next, pause, resume, backfill]) onPlatform(command);
}
