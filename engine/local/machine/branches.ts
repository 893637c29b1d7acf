import type { Json } from "../../model/json.ts";
import type { MapState } from "../../model/machine.ts";
import { childContext, type ExecutionContext } from "./context.ts";
import { StateFailed } from "./failure.ts";
import { Frame } from "./frame.ts";
import { itemsIn } from "./items.ts";
import { numberIn } from "./numbers.ts";
import { framePath, noPast } from "./past.ts";
import { controllerBelow } from "./stop.ts";
import { failedItem, toleranceOf, type Tolerance } from "./tolerance.ts";
import type { Visit } from "./visit.ts";
import { Witness } from "./witness.ts";

/** Step Functions runs no more items of an inline Map at once, nor children of a distributed one. */
const MOST_AT_ONCE = { inline: 40, distributed: 10_000 };

/** Runs the branches of a Parallel, or a Map's processor for each input, and answers their outputs in order. */
export async function runBranches(visit: Visit, given: Json): Promise<Json[]> {
  const { frame, state } = visit;
  const { branches, definition, name, isDistributed } = state;
  const isMap = definition.Type === "Map";
  const inputs = isMap ? (given as Json[]) : branches.map(() => given);
  const atOnce = isMap ? await concurrency(visit) : branches.length;
  const items = inputs.reduce<number>((sum, input) => sum + itemsIn(visit, input), 0);
  const tolerance = isDistributed ? await toleranceOf(visit, items) : undefined;
  visit.begin();
  const past = frame.past.branches.get(name);
  frame.past.branches.delete(name);
  const { controller, release } = controllerBelow(frame.signal);
  const witness = new Witness(visit);
  const outputs: Json[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < inputs.length) {
      const index = next++;
      const branch = branches[isMap ? 0 : index];
      if (branch === undefined) return;
      const path = framePath(frame.path, name, index);
      const input = inputs[index] as Json;
      const inner = new Frame(frame.execution, {
        path,
        suffix: isMap ? `${frame.suffix}[${index}]` : frame.suffix,
        branch,
        input,
        context: isDistributed ? contextOfChild(visit, path, input) : frame.context,
        outer: isDistributed ? null : frame.variables,
        past: past?.get(index) ?? noPast(),
        signal: controller.signal,
      });
      await inner.lane?.sleep(0, inner.signal);
      outputs[index] = await witness.watch(inner, index, () => outputOf(inner, visit, tolerance));
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(atOnce, inputs.length) }, work));
    witness.succeeded();
    return outputs;
  } catch (thrown) {
    witness.failed();
    throw thrown instanceof StateFailed ? new StateFailed(thrown.failure) : thrown;
  } finally {
    controller.abort(new Error(`a sibling in state ${JSON.stringify(name)} failed`));
    release();
  }
}

/** The output of a branch; a failure stands in its place where it is tolerated. @throws StateFailed */
async function outputOf(inner: Frame, visit: Visit, tolerance: Tolerance | undefined): Promise<Json> {
  try {
    return await inner.execution.walk(inner);
  } catch (thrown) {
    if (tolerance === undefined || inner.signal.aborted || !(thrown instanceof StateFailed)) throw thrown;
    tolerance.failed(itemsIn(visit, inner.context.Execution["Input"] as Json));
    return failedItem(thrown.failure);
  }
}

function contextOfChild(visit: Visit, frame: string, input: Json): ExecutionContext {
  const { state, attempt } = visit;
  const startTime = (): string => {
    visit.frame.chance.used = true;
    return new Date(visit.entered).toISOString();
  };
  const map = { state: state.name, definition: state.definition as MapState };
  return childContext(visit.frame.context, map, { frame, attempt, input, startTime });
}

async function concurrency(visit: Visit): Promise<number> {
  const given = (await numberIn(visit, "MaxConcurrency")) ?? 0;
  const most = visit.state.isDistributed ? MOST_AT_ONCE.distributed : MOST_AT_ONCE.inline;
  return given === 0 ? most : Math.min(given, most);
}
