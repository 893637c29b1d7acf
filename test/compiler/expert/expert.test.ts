import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compileCatalogue } from "../../../engine/compiler/compile.ts";
import type { CompiledWorkflow } from "../../../engine/model/compiled.ts";
import type { Json } from "../../../engine/model/json.ts";
import type { Branch, StateMachine } from "../../../engine/model/machine.ts";
import { parameterFields, type Schema } from "../../../engine/model/schema.ts";
import type { WorkflowSource } from "../../../engine/model/workflow.ts";
import { type Counted, counted } from "../../unit/compiler/counted.ts";
import { everyPath } from "../../unit/compiler/every-path.ts";
import { named } from "../../unit/machine/trial.ts";
import * as catalogue from "./catalogue/expert.ts";
import { Input } from "./functions/expert/models.ts";
import { PAIRS, type Pair, type Ran, type Reply } from "./pairs.ts";

const HERE = import.meta.dirname;

function source(name: string, module: string, fn: string, parameters: Schema): WorkflowSource {
  const fields = parameterFields(parameters);
  return { name, module, function: fn, parameters: fields.ok ? fields.value : [], events: ["approval"] };
}

const { workflows, diagnostics } = compileCatalogue({
  root: HERE,
  workflows: [
    ...PAIRS.map(({ flow }) => source(flow, "expert/flows", flow, Input)),
    ...Object.values(catalogue).map((child) => source(child.name, child.module, child.function, child.parameters)),
  ],
});

function compiled(flow: string): CompiledWorkflow {
  const found = workflows.find(({ name }) => name === flow);
  if (found === undefined) throw new Error(`${flow} does not compile`);
  return found;
}

function expertMachine(file: string): StateMachine {
  return JSON.parse(readFileSync(join(HERE, `${file}.asl.json`), "utf8")) as StateMachine;
}

type Choose = (of: readonly Reply[]) => Reply;

/** Runs a machine; `choose` says what each call in turn comes to. */
async function run(machine: StateMachine, { replies }: Pair, input: Input, choose: Choose): Promise<Counted & Ran> {
  const came: Reply[] = [];
  const answer = (name: string): Json | undefined => {
    const reply = choose(replies[name] ?? []);
    came.push(reply);
    if (reply === "fails") throw named("Declined");
    return reply === "nothing" ? undefined : reply.value;
  };
  return { ...(await counted(machine, input, answer)), input, came };
}

/** Calls, and how the run ended; the causes of errors tell who wrote the machine. */
function seen({ calls, outcome }: Counted): unknown {
  return [calls, outcome.status === "SUCCEEDED" ? outcome.output : outcome.error];
}

describe("A flow is what an expert would write", () => {
  it("and compiles", () => {
    expect(diagnostics).toEqual([]);
  });

  it.each(PAIRS.map((pair) => [pair.flow, pair] as const))("%s", async (flow, pair) => {
    const { machine, plan } = compiled(flow);
    const expert = expertMachine(pair.file);
    const entered = { expert: new Set<string>(), ours: new Set<string>() };
    const runs: (Counted & Ran)[] = [];
    for (const input of pair.inputs) {
      await everyPath(async (choose) => {
        const theirs = await run(expert, pair, input, (of) => of[choose(of.length)] ?? "nothing");
        let call = 0;
        const ours = await run(machine, pair, input, () => theirs.came[call++] ?? "nothing");
        const way = JSON.stringify([input, theirs.came]);
        expect(seen(ours), way).toEqual(seen(theirs));
        expect(billed(theirs), way).toBe(pair.count(theirs));
        expect(billed(ours), way).toBeLessThanOrEqual(billed(theirs));
        runs.push(ours);
        theirs.states.forEach((state) => entered.expert.add(state));
        ours.states.forEach((state) => entered.ours.add(state));
      });
    }
    expect([...entered.expert].sort()).toEqual(statesOf(expert).sort());
    expect([...entered.ours].sort()).toEqual(statesOf(machine).sort());
    const { transitions, events } = plan;
    const whole = runs.filter(endsByItself);
    expect(Math.min(...whole.map((one) => one.transitions))).toBe(transitions.min);
    expect(Math.min(...whole.map((one) => one.events))).toBeGreaterThanOrEqual(events.min);
    if (transitions.max !== undefined) expect(Math.max(...runs.map((one) => one.transitions))).toBe(transitions.max);
    if (events.max !== undefined) expect(Math.max(...runs.map((one) => one.events))).toBe(events.max);
  });
});

/** No error of a call ends it. */
function endsByItself({ succeeded, came }: Ran): boolean {
  return succeeded || came.at(-1) !== "fails";
}

/** Transitions as Step Functions bills them. */
function billed({ transitions, retries }: Counted): number {
  return transitions + retries;
}

function statesOf({ States }: Branch): string[] {
  return Object.entries(States).flatMap(([name, state]) => {
    if (state.Type === "Map") return [name, ...statesOf(state.ItemProcessor)];
    return state.Type === "Parallel" ? [name, ...state.Branches.flatMap(statesOf)] : [name];
  });
}
