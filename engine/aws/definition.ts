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

/** A version of a Lambda function of a domain. */
export interface Version {
  /** The function's name. */
  readonly function: string;
  readonly version: string;
}

/** The versions that the machine names, each once. Functions of Millrace itself stand in it without one. */
export function versionsOf(machine: StateMachine): Version[] {
  const arns = statesOf(machine.States).flatMap(([, state]) => {
    if (state.Type !== "Task" || !isJsonObject(state.Arguments)) return [];
    const { FunctionName: arn } = state.Arguments;
    return typeof arn === "string" ? [arn] : [];
  });
  return [...new Set(arns)].flatMap((arn) => {
    const [name, version] = arn.split(":").slice(6);
    return name === undefined || version === undefined ? [] : [{ function: name, version }];
  });
}
