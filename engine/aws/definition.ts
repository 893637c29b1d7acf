import type { SourceMap } from "../model/compiled.ts";
import { isJsonObject } from "../model/json.ts";
import type { State, StateMachine, States } from "../model/machine.ts";

/** Every state of a deployed machine, those of its branches too; a state's name is unique in its machine. */
function statesOf(states: States): (readonly [name: string, state: State])[] {
  return Object.entries(states).flatMap(([name, state]) => {
    const inner = state.Type === "Parallel" ? state.Branches : state.Type === "Map" ? [state.ItemProcessor] : [];
    return [[name, state] as const, ...inner.flatMap((branch) => statesOf(branch.States))];
  });
}

/** State name → source position: what the states' comments say. */
export function positionsOf(machine: StateMachine): SourceMap {
  const states = statesOf(machine.States);
  return Object.fromEntries(states.flatMap(([name, { Comment: at }]) => (at === undefined ? [] : [[name, at]])));
}

/** Names of the Lambda functions that the machine calls, each once. */
export function functionsOf(machine: StateMachine): string[] {
  const names = statesOf(machine.States).flatMap(([, state]) => {
    if (state.Type !== "Task" || !isJsonObject(state.Arguments)) return [];
    const { FunctionName: arn } = state.Arguments;
    return typeof arn === "string" ? [arn.split(":")[6] ?? arn] : [];
  });
  return [...new Set(names)];
}
