import { flowOf, type Compiled } from "./compile.ts";
import type { Input } from "./project/functions/fakes/models.ts";
import { runDirectly } from "./run-direct.ts";
import { runLocally, type LocalRun } from "./run-local.ts";
import { difference } from "./seen.ts";

/** What is counted over many programs. */
export interface Tally {
  runs: number;
  failed: number;
  calls: number;
  transitions: number;
  /** By the table of constructs. */
  priced: number;
  /** Runs whose plan says one number. */
  exact: number;
}

export const NOTHING_COUNTED: Tally = { runs: 0, failed: 0, calls: 0, transitions: 0, priced: 0, exact: 0 };

/** In what a program is not the same as function and as machine, or in what its plan is wrong; undefined where in nothing. */
export async function disagreement(
  compiled: Compiled,
  inputs: readonly Input[],
  tally: Tally = { ...NOTHING_COUNTED },
): Promise<string | undefined> {
  const { program, workflow, diagnostics } = compiled;
  if (workflow === undefined) return `It is refused: ${diagnostics.join("; ")}`;
  let spent = 0;
  const flow = flowOf(program, (transitions) => (spent += transitions));
  for (const input of inputs) {
    spent = 0;
    const native = await runDirectly(flow, input);
    const priced = spent;
    const local = await runLocally(workflow.machine, input);
    const found = difference(program, native, local) ?? mislocked(local) ?? mispriced(compiled, local, priced);
    if (found !== undefined) return `${found}\nInput: ${JSON.stringify(input)}`;
    const range = workflow.plan.transitions;
    tally.runs += 1;
    tally.failed += "error" in native.end ? 1 : 0;
    tally.calls += local.calls.length;
    tally.transitions += local.transitions;
    tally.priced += priced;
    tally.exact += range.min === range.max ? 1 : 0;
  }
  return undefined;
}

function mispriced(
  { program, workflow }: Compiled,
  { transitions, end }: LocalRun,
  priced: number,
): string | undefined {
  if ("error" in end) return undefined;
  const { min, max = Infinity } = workflow?.plan.transitions ?? { min: 0 };
  if (transitions < min || transitions > max)
    return `It took ${transitions} transitions, and the plan says ${min} to ${max}.`;
  if (program.failing.size > 0 || transitions <= priced) return undefined;
  return `It took ${transitions} transitions, and the table of constructs says ${priced}.`;
}

/** Where a machine holds two locks, or ends well with one. */
function mislocked({ locks, end }: LocalRun): string | undefined {
  const inTurn = locks.every((lock, at) =>
    at % 2 === 0 ? lock.startsWith("acquire") : lock === locks[at - 1]?.replace("acquire", "release"),
  );
  if (inTurn && ("error" in end || locks.length % 2 === 0)) return undefined;
  return `Its locks are not released in turn: ${locks.join(", ")}.`;
}
