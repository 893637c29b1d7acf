import type { Json, JsonObject } from "../model/json.ts";
import { isJsonObject } from "../model/json.ts";
import { objects, stringOf } from "./verify-fields.ts";

/** States of one scope by name, and where they start. */
export interface Scope {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, JsonObject>;
}

export interface Way {
  readonly to: string;
  readonly assigns: readonly string[];
}

export function scopeOf(branch: JsonObject): Scope {
  const states = isJsonObject(branch["States"]) ? branch["States"] : {};
  const entries = Object.entries(states).flatMap(([name, state]) =>
    isJsonObject(state) ? [[name, state] as const] : [],
  );
  return { startAt: stringOf(branch["StartAt"]), states: new Map(entries) };
}

export function branchesOf(state: JsonObject): JsonObject[] {
  const processor = state["ItemProcessor"];
  return [...objects(state["Branches"]), ...(isJsonObject(processor) ? [processor] : [])];
}

/** The ways out of a state with the variables that each assigns. */
export function waysOf(state: JsonObject): Way[] {
  const way = (part: JsonObject, key: string): Way[] =>
    typeof part[key] === "string" ? [{ to: part[key], assigns: keysOf(part["Assign"]) }] : [];
  return [
    ...way(state, "Next"),
    ...way(state, "Default"),
    ...objects(state["Choices"]).flatMap((rule) => way(rule, "Next")),
    ...objects(state["Catch"]).flatMap((catcher) => way(catcher, "Next")),
  ];
}

function keysOf(assign: Json | undefined): string[] {
  return isJsonObject(assign) ? Object.keys(assign) : [];
}

/** For each state the variables that are assigned whichever way a run took to it. */
export function assignedBefore(scope: Scope, outer: ReadonlySet<string>): ReadonlyMap<string, ReadonlySet<string>> {
  const known = new Map<string, ReadonlySet<string>>([[scope.startAt, outer]]);
  const pending = [scope.startAt];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const state = scope.states.get(name);
    const before = known.get(name);
    if (state === undefined || before === undefined) continue;
    for (const { to, assigns } of waysOf(state)) {
      const after = before.union(new Set(assigns));
      const earlier = known.get(to);
      const both = earlier === undefined ? after : earlier.intersection(after);
      if (earlier !== undefined && both.size === earlier.size) continue;
      known.set(to, both);
      pending.push(to);
    }
  }
  return known;
}

/** Every variable that the states of a scope assign, those of inner scopes apart. */
export function assignedIn(scope: Scope): Set<string> {
  return new Set(
    [...scope.states.values()].flatMap((state) => [
      ...keysOf(state["Assign"]),
      ...[...objects(state["Choices"]), ...objects(state["Catch"])].flatMap((part) => keysOf(part["Assign"])),
    ]),
  );
}

/** What is assigned on some way that leads to a state, by the state's own loops too. */
export function assignedOnTheWayTo(scope: Scope, name: string): Set<string> {
  const assigned = new Set<string>();
  const seen = new Set<string>();
  const pending = [name];
  for (let target = pending.pop(); target !== undefined; target = pending.pop()) {
    if (seen.has(target)) continue;
    seen.add(target);
    for (const [from, state] of scope.states) {
      for (const { to, assigns } of waysOf(state)) {
        if (to !== target) continue;
        assigns.forEach((variable) => assigned.add(variable));
        pending.push(from);
      }
    }
  }
  return assigned;
}
