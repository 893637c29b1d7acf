import type { Json } from "../../../../engine/model/json.ts";
import type { Program } from "./print-program.ts";

export interface Call {
  readonly task: string;
  readonly input: Json;
  /** 1 for the first. */
  readonly attempt: number;
}

/** What a run did, as a function and as a machine alike. */
export interface Seen {
  readonly end: { readonly output: Json } | { readonly error: string; readonly message: string };
  readonly calls: readonly Call[];
  /** `["info","text",{"n":1}]`, one for each line. */
  readonly logs: readonly string[];
  readonly tags: ReadonlySet<string>;
}

/**
 * In what two runs of a program differ, or undefined. Calls are compared in their order, those that go on side by side
 * as a block without one. Of blocks that an error may leave nothing is compared: how far the others come is a matter of time.
 */
export function difference(program: Program, native: Seen, machine: Seen): string | undefined {
  const [expected, found] = [JSON.stringify(native.end), JSON.stringify(machine.end)];
  if (expected !== found) return `The function ended with ${expected}, the machine with ${found}.`;
  const [own, made] = [ordered(program, native.calls), ordered(program, machine.calls)];
  const at = own.findIndex((call, index) => call !== made[index]);
  if (at >= 0 || made.length !== own.length) {
    const place = at < 0 ? own.length : at;
    return `Call ${place + 1} of the function is ${own[place]}, of the machine ${made[place]}.`;
  }
  const [others, rest] = [beside(program, native.calls), beside(program, machine.calls)];
  if (program.failing.size === 0 && others.join() !== rest.join()) {
    return `Side by side the function calls ${others.join()}, the machine ${rest.join()}.`;
  }
  const [logs, lines] = [native.logs.toSorted(), machine.logs.toSorted()];
  if (logs.join() !== lines.join()) return `The function logs ${logs.join()}, the machine ${lines.join()}.`;
  if (native.tags.symmetricDifference(machine.tags).size > 0) {
    return `The function adds the tags ${[...native.tags].join()}, the machine ${[...machine.tags].join()}.`;
  }
  return undefined;
}

/** Those that have an order, and blocks of those that have none. */
function ordered(program: Program, calls: readonly Call[]): string[] {
  const all: string[] = [];
  let block: string[] = [];
  let last = "";
  for (const call of calls) {
    if (isBeside(program, call)) continue;
    const region = regionOf(program, call);
    if (region !== last) {
      all.push(...block.sort());
      block = [];
    }
    last = region;
    if (region === "") all.push(JSON.stringify(call));
    else block.push(JSON.stringify(call));
  }
  return [...all, ...block.sort()];
}

function beside(program: Program, calls: readonly Call[]): string[] {
  return calls
    .filter((call) => isBeside(program, call))
    .map((call) => JSON.stringify(call))
    .sort();
}

/** Whether anything may come before it or behind it, or it may not come at all. */
function isBeside(program: Program, call: Call): boolean {
  return call.task === TASK_BESIDE || program.failing.has(regionOf(program, call));
}

/** It takes a number alone, so that nothing says where its calls stand: all are made side by side. */
const TASK_BESIDE = "triple";

/** Where in the program it stands: the call says so itself. */
function regionOf({ regions }: Program, { input }: Call): string {
  const { site = 0 } = (typeof input === "object" && input !== null ? input : {}) as { readonly site?: number };
  return site >= 0 ? (regions[site] ?? "") : regions[-1 - site] || `beside ${site}`;
}
