import { holdersOf, lineKey, limitKey, linePartition, runKey } from "../../engine/coordination/keys.ts";
import { notEnded } from "../../engine/coordination/run-end.ts";
import { SLOT_STEPS } from "../../engine/coordination/slot-steps.ts";
import type { SlotVariables } from "../../engine/coordination/slot-variables.ts";
import type { Action } from "../../engine/coordination/step.ts";
import { END_RANK, RANK, RunState } from "../../engine/model/run.ts";
import { compare } from "../../engine/store/condition.ts";
import type { Local, Partition, Surroundings } from "./pack.ts";
import { LIMIT, machineOf, nameOf, worldOf, type SlotCase, type SlotSteps } from "./slot-case.ts";
import { kept, live } from "./slot-live.ts";

const withdrawal = (run: string): Action => ({
  update: runKey(run),
  change: { set: { state: RunState.CANCELLED, rank: END_RANK } },
  when: compare("rank", "<", RANK.running),
});

/** What processes do around the procedures of the table, in the same form. */
const AROUND: SlotSteps = {
  /** Settle, after the release. */
  end: {
    act: ({ run }) => ({
      update: runKey(run),
      change: { set: { state: RunState.COMPLETED, rank: END_RANK } },
      when: notEnded,
    }),
    then: () => ({ done: "over" }),
  },
  /** Submit, where the limit is reached and the strategy is CANCEL_NEW. */
  refuse: { act: ({ run }) => withdrawal(run), then: () => ({ done: "over" }) },
  /** A run that waits leaves the line before it is cancelled; one that runs is only stopped. */
  "leave to cancel": {
    act: ({ limit, place = "" }) => ({ delete: lineKey(limit, place) }),
    then: (variables) => ({ step: "cancel", variables }),
  },
  cancel: {
    act: ({ run }) => withdrawal(run),
    then: ({ limit, max, run }, { ok }) => ({ step: ok ? "release" : "stop", variables: { limit, max, run } }),
  },
  /** The sweep ends a run that has waited in line for too long. */
  "leave to expire": {
    act: ({ limit, place = "" }) => ({ delete: lineKey(limit, place) }),
    then: (variables) => ({ step: "expire", variables }),
  },
  expire: {
    act: ({ run }) => withdrawal(run),
    then: ({ limit, max, run }, { ok }) =>
      ok ? { step: "release", variables: { limit, max, run } } : { done: "over" },
  },
  stop: {
    act: ({ run }) => ({
      update: machineOf(run),
      change: { set: { status: "ended" } },
      when: compare("status", "=", "running"),
    }),
    then: () => ({ done: "over" }),
  },
};

/** Cells of a state: the limit, its line, which limit is in force, overtakings, then the runs' records and machines. */
export const [AT_LIMIT, AT_LINE, AT_MAX, AT_OVERTAKEN, AT_RUNS] = [1, 2, 3, 4, 5];
/** What the table runs in. */
export function surroundings(given: SlotCase): Surroundings<SlotVariables> {
  const { runs, steps = SLOT_STEPS } = given;
  const { startsOnce } = worldOf(given);
  const cells = new Map([
    [limitKey(LIMIT).pk, AT_LIMIT],
    [linePartition(LIMIT), AT_LINE],
  ]);
  for (let run = 0; run < runs; run += 1) {
    cells.set(runKey(nameOf(run)).pk, AT_RUNS + run);
    cells.set(machineOf(nameOf(run)).pk, AT_RUNS + runs + run);
  }
  return {
    steps: { ...steps, ...AROUND },
    after: ({ ends, variables, step }, result) => {
      if (result === "refused") return { step: "refuse", variables };
      return ends === undefined || step === "end" ? undefined : { step: "end", variables: { ...variables, run: ends } };
    },
    cellOf: (pk) => cells.get(pk) ?? fail(`Nothing is at ${pk}.`),
    effect: (action, before) => {
      const run = "start" in action ? action.start : fail("Nothing of a limit answers a token.");
      return { after: before.length === 0 ? [{ ...machineOf(run), status: "running" }] : before, ok: true };
    },
    kept,
    live,
    // Ranks only rise, and a run that runs has one grant for ever; a machine that was started stays so.
    isStable: ({ step }, [item], ok) => {
      if (item?.pk.startsWith("MACHINE#") === true) return step === "start" || item["status"] === "ended";
      const rank = Number(item?.["rank"] ?? 0);
      return !ok && (rank >= RANK.running || (step === "mark" && rank === RANK.queued));
    },
    problem: (local, before, after) =>
      local.step === "start" && before.length > 0 && !startsOnce
        ? "a machine is started twice"
        : problemOf(local, before, after),
  };
}

/** A grant is given under the limit that its process knows, with a new number, and taken by its owner alone. */
function problemOf({ variables }: Local<SlotVariables>, before: Partition, after: Partition): string | undefined {
  if (before === after || !(before[0] ?? after[0])?.pk.startsWith("LIMIT#")) return undefined;
  const [held, holds] = [holdersOf(before[0]), holdersOf(after[0])];
  const grants = Number(before[0]?.["grants"] ?? 0);
  const admitted = Object.keys(holds).filter((run) => held[run] === undefined);
  if (admitted.length > 0 && Object.keys(holds).length > variables.max) return "a slot is granted above the limit";
  if (admitted.some((run) => (holds[run] ?? 0) <= grants)) return "the number of a grant does not rise";
  const freed = Object.keys(held).filter((run) => holds[run] === undefined);
  if (freed.some((run) => run !== variables.run)) return "a slot is freed for a run that does not hold it";
  return undefined;
}
function fail(problem: string): never {
  throw new Error(problem);
}
