import type { State, States } from "./machine.ts";

/** All states with their names, those in Maps and Parallels too. */
export function everyState(states: States): (readonly [string, State])[] {
  return Object.entries(states).flatMap(([name, state]) => [[name, state] as const, ...statesIn(state)]);
}

function statesIn(state: State): (readonly [string, State])[] {
  if (state.Type === "Map") return everyState(state.ItemProcessor.States);
  return state.Type === "Parallel" ? state.Branches.flatMap((branch) => everyState(branch.States)) : [];
}

/** Whether each item is an execution of its own. */
export function isDistributed(state: State): boolean {
  return state.Type === "Map" && state.ItemProcessor.ProcessorConfig?.Mode === "DISTRIBUTED";
}
