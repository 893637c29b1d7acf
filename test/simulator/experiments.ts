import type { WorkflowDefinition } from "../../engine/model/workflow.ts";
import { Chance } from "../faults/chance.ts";
import { workflow } from "../unit/coordination/definitions.ts";
import { SimulatedSystem } from "./system.ts";

export interface Experiment {
  readonly name: string;
  readonly run: (size: number) => Promise<SimulatedSystem>;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** Mean durations that keep 10,000 runs open at 1,000,000 a day, and limits at most 60 % in use. */
const FREE_MS = 1_230_000;
const LIMITED_MS = 30_000;

/**
 * A day: runs arrive evenly at random over 200 workflows, 60 of them under a limit of 3; from noon on ten minutes without
 * a status event.
 */
async function day(runs: number): Promise<SimulatedSystem> {
  const workflows = Array.from({ length: 200 }, (_, index) =>
    workflow(`workflow-${index}`, index < 60 ? { concurrencyLimit: 3 } : {}),
  );
  const limited = new Set(workflows.slice(0, 60).map(({ name }) => name));
  const durations = new Chance(3);
  const system = new SimulatedSystem(workflows, 1, (name) => {
    const mean = limited.has(name) ? LIMITED_MS : FREE_MS;
    return -mean * Math.log(1 - durations.next());
  });
  const { clock, chance } = system;
  const start = clock.now;
  const length = (DAY_MS * runs) / 1_000_000;
  const silence = start + length / 2;
  clock.at(silence, () => (system.silent = true));
  clock.at(silence + 10 * MINUTE_MS, () => (system.silent = false));
  const arrive = async (): Promise<void> => {
    for (let submitted = 0; submitted < runs; submitted += 1) {
      await clock.sleep((-length / runs) * Math.log(1 - chance.next()));
      void system.submit(workflows[chance.below(workflows.length)]?.name ?? "");
    }
  };
  void arrive();
  void system.sweepEachMinute(start + length);
  await clock.run();
  return system;
}

/** One limit of 1, and a line of as many runs, of two seconds each, submitted as fast as they are accepted. */
async function line(waiting: number): Promise<SimulatedSystem> {
  const hot: WorkflowDefinition = workflow("hot", { concurrencyLimit: 1 });
  const system = new SimulatedSystem([hot], 2, () => 2_000);
  const { clock } = system;
  const submitters = Array.from({ length: 100 }, async () => {
    for (let submitted = 0; submitted < waiting / 100; submitted += 1) await system.submit("hot");
  });
  void Promise.all(submitters);
  void system.sweepEachMinute(clock.now + MINUTE_MS);
  await clock.run();
  return system;
}

export const EXPERIMENTS: { readonly [name: string]: Experiment } = {
  day: { name: "a day", run: day },
  line: { name: "a line before a limit of 1", run: line },
};
