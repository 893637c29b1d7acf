import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FORMS, type FormName } from "../../../engine/compiler/forms.ts";
import { jsonata } from "../../../engine/compiler/jsonata.ts";
import { verify } from "../../../engine/compiler/verify.ts";
import { Anew } from "./anew.ts";
import { agree } from "./differential.ts";
import { FLOWS, ROOT, SOURCES } from "./flows.ts";
import { ROWS } from "./form-rows.ts";
import { type Checked, differenceOf } from "./forms.ts";
import { FOLD_MUTANTS } from "./mutations-folds.ts";
import { WRONG_FORMS } from "./mutations-forms.ts";
import { samples } from "./samples.ts";

/** As many as `forms.test.ts` tries: a mutant has to be seen by what is run. */
const VALUES = 400;

const NAMES = Object.keys(FORMS) as FormName[];

/** Prints with one form changed. */
async function withForm<T>(name: FormName, print: (typeof WRONG_FORMS)[FormName], work: () => Promise<T>): Promise<T> {
  const form = FORMS[name];
  Object.assign(FORMS, { [name]: { ...form, print } });
  try {
    return await work();
  } finally {
    Object.assign(FORMS, { [name]: form });
  }
}

/** What the forms are checked by, the shortest first. */
const checked: readonly Checked[] = [...ROWS.map((row) => ({ ...row, values: fc.record(row.variables) })), ...samples()]
  .map((one): Checked => one)
  .toSorted((left, right) => jsonata(left.expression).length - jsonata(right.expression).length);

/** Whether a check fails with the form as it is printed now; those whose text it does not change cannot. */
async function isNoticed(before: readonly string[]): Promise<boolean> {
  for (const [at, one] of checked.entries()) {
    if (jsonata(one.expression) === before[at]) continue;
    const difference = await differenceOf(one, VALUES).catch((thrown: unknown) => thrown);
    if (difference !== undefined) return true;
  }
  return false;
}

/** Flows that show what these forms give. */
const MOMENTS = { now: "momentReturned", uuid: "keysDiffer" } as const;

const anew = new Anew(
  ROOT,
  SOURCES.filter(({ name }) => [...FOLD_MUTANTS.map(({ flow }) => flow), ...Object.values(MOMENTS)].includes(name)),
);

interface Tried {
  /** States, over all runs. */
  readonly entered: number;
  readonly max: number | undefined;
  /** Who found something wrong, where somebody did. */
  readonly by?: string;
}

/** Compiles a flow as the rules are now, and holds it against the function, its plan and the rules of Step Functions. */
async function tried(name: string): Promise<Tried> {
  const source = SOURCES.find((one) => one.name === name);
  const flow = FLOWS.find(([one]) => one === name)?.[1];
  if (source === undefined || flow === undefined) throw new Error(`There is no flow ${name}`);
  const { machine, plan } = anew.compile(source);
  const { max } = plan.transitions;
  if (verify(machine).length > 0) return { entered: 0, max, by: "the verifier" };
  try {
    const runs = await agree(flow, machine, { sideBySide: false, numRuns: 40, seed: 1 });
    const entered = runs.reduce((sum, one) => sum + one, 0);
    return { entered, max, ...(Math.max(...runs) > (max ?? Infinity) && { by: "the plan" }) };
  } catch {
    return { entered: 0, max, by: "the function" };
  }
}

/** Nobody finds something wrong, it costs no more, and as much is known of it. */
function survives(wrong: Tried, right: Tried): boolean {
  return wrong.by === undefined && wrong.entered <= right.entered && (wrong.max ?? Infinity) <= (right.max ?? Infinity);
}

describe("Somebody notices", () => {
  it("each form of expression that is printed wrong", async () => {
    const before = checked.map(({ expression }) => jsonata(expression));
    const survivors: FormName[] = [];
    for (const name of NAMES) {
      if (name in MOMENTS) continue;
      if (!(await withForm(name, WRONG_FORMS[name], () => isNoticed(before)))) survivors.push(name);
    }
    expect(survivors).toEqual([]);
  });

  it.each(["now", "uuid"] as const)("%s that is printed wrong", async (name) => {
    const flow = MOMENTS[name];
    expect((await tried(flow)).by).toBeUndefined();
    expect((await withForm(name, WRONG_FORMS[name], () => tried(flow))).by).toBe("the function");
  });

  it("each rule of folding that is off, or forgets its guard", async () => {
    const survivors: string[] = [];
    for (const { name, flow, make } of FOLD_MUTANTS) {
      const right = await tried(flow);
      expect([flow, right.by]).toEqual([flow, undefined]);
      const undo = make();
      const wrong = await tried(flow).finally(undo);
      if (survives(wrong, right)) survivors.push(`${name}: ${flow}`);
    }
    expect(survivors).toEqual([]);
  });
});
