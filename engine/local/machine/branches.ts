import type { Json } from "../../model/json.ts";
import { queryFailure, shown } from "./failure.ts";
import { Frame } from "./frame.ts";
import { withinLimit } from "./limit.ts";
import { framePath, noPast } from "./past.ts";
import { controllerBelow } from "./stop.ts";
import type { Visit } from "./visit.ts";

/** The inputs of a Map's items. */
export async function collectItems(visit: Visit): Promise<Json[]> {
  const { state, input } = visit;
  const name = JSON.stringify(state.name);
  const items = state.fields.Items === undefined ? input : await visit.evaluate(state.fields.Items);
  if (!Array.isArray(items)) throw queryFailure(`Items of state ${name} gave ${shown(items)}, allowed is an array`);
  const selector = state.fields.ItemSelector;
  if (selector === undefined) return items;
  const inputs: Json[] = [];
  for (const [Index, Value] of items.entries()) {
    const selected = await selector(visit.evaluation({}, { Map: { Item: { Index, Value } } }));
    inputs.push(withinLimit(selected, `ItemSelector of state ${name}, item ${Index}`));
  }
  return inputs;
}

/** Step Functions runs no more items of an inline Map at once. */
const MOST_ITEMS_AT_ONCE = 40;

/** Runs the branches of a Parallel, or a Map's processor for each input, and answers their outputs in order. */
export async function runBranches(visit: Visit, given: Json): Promise<Json[]> {
  const { frame, state } = visit;
  const { branches, definition, name } = state;
  const isMap = definition.Type === "Map";
  const inputs = isMap ? (given as Json[]) : branches.map(() => given);
  const atOnce = isMap ? await concurrency(visit) : branches.length;
  visit.begin();
  const past = frame.past.branches.get(name);
  frame.past.branches.delete(name);
  const { controller, release } = controllerBelow(frame.signal);
  const outputs: Json[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < inputs.length) {
      const index = next++;
      const branch = branches[isMap ? 0 : index];
      if (branch === undefined) return;
      const inner = new Frame(frame.execution, {
        path: framePath(frame.path, name, index),
        suffix: isMap ? `${frame.suffix}[${index}]` : frame.suffix,
        branch,
        input: inputs[index] as Json,
        outer: frame.variables,
        past: past?.get(index) ?? noPast(),
        signal: controller.signal,
      });
      outputs[index] = await frame.execution.walk(inner);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(atOnce, inputs.length) }, work));
    return outputs;
  } finally {
    controller.abort(new Error(`a sibling in state ${JSON.stringify(name)} failed`));
    release();
  }
}

async function concurrency(visit: Visit): Promise<number> {
  const given = (await visit.evaluate(visit.state.fields.MaxConcurrency)) ?? 0;
  if (!Number.isInteger(given) || (given as number) < 0) {
    const where = `MaxConcurrency of state ${JSON.stringify(visit.state.name)}`;
    throw queryFailure(`${where} is ${shown(given)}, allowed are whole numbers from 0`);
  }
  return given === 0 ? MOST_ITEMS_AT_ONCE : Math.min(given as number, MOST_ITEMS_AT_ONCE);
}
