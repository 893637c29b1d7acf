import type { Json, JsonObject } from "../../../../engine/model/json.ts";
import { isJsonObject } from "../../../../engine/model/json.ts";
import type { Branch, StateMachine } from "../../../../engine/model/machine.ts";
import { splitWhere } from "../../../../engine/model/wire.ts";
import type { JournalEntry } from "../../../../engine/local/machine/journal.ts";
import { steps } from "../../../../engine/local/machine/steps.ts";
import { MemoryCallbacks, START, trial } from "../../machine/trial.ts";
import { Fakes, HELD } from "./fakes.ts";
import type { Input } from "./project/functions/fakes/models.ts";
import type { Seen } from "./seen.ts";

export interface LocalRun extends Seen {
  /** States that it entered, and items of distributed Maps, each of which is an execution. */
  readonly transitions: number;
  readonly locks: readonly string[];
}

/** A program as a state machine, on the local interpreter. */
export async function runLocally(machine: StateMachine, input: Input): Promise<LocalRun> {
  const callbacks = new MemoryCallbacks();
  const fakes = new Fakes();
  const call = (payload: Json): Json => {
    const { token } = payload as JsonObject;
    if (typeof token === "string") callbacks.answer(token, { output: HELD });
    return fakes.answer(payload as JsonObject);
  };
  const tasks = new Proxy({}, { get: () => call });
  const { outcome, entries } = await trial(machine, { input: { ...input }, tasks, callbacks });
  const entered = steps(entries, machine, { startedAt: START, endedAt: START }).filter(({ attempt }) => attempt === 1);
  const end =
    outcome.status === "SUCCEEDED"
      ? { output: outcome.output }
      : { error: outcome.error ?? "", message: messageOf(outcome.cause ?? "") };
  const items = itemsApart(machine, entries).size;
  const { calls, logs, tags, locks } = fakes;
  return { end, calls, logs, tags, locks, transitions: entered.length + items };
}

/** The frames of items that are executions of their own. */
function itemsApart(machine: StateMachine, entries: readonly JournalEntry[]): Set<string> {
  const apart = new Set(distributedMaps(machine));
  const isApart = (part: string): boolean => apart.has(decodeURIComponent(part.replace(/\[\d+\]$/, "")));
  const frames = entries.flatMap(({ frame }) => {
    const parts = frame.split("/");
    return parts.flatMap((part, at) => (isApart(part) ? [parts.slice(0, at + 1).join("/")] : []));
  });
  return new Set(frames);
}

/** Names of the Maps whose items are executions of their own. */
export function distributedMaps({ States }: Branch): string[] {
  return Object.entries(States).flatMap(([name, state]) => {
    if (state.Type === "Parallel") return state.Branches.flatMap(distributedMaps);
    if (state.Type !== "Map") return [];
    const { ItemProcessor } = state;
    return [
      ...(ItemProcessor.ProcessorConfig?.Mode === "DISTRIBUTED" ? [name] : []),
      ...distributedMaps(ItemProcessor),
    ];
  });
}

/** A cause is what a `throw` wrote, or Lambda's JSON. */
export function messageOf(cause: string): string {
  const { message, at } = splitWhere(cause);
  if (at !== undefined) return message;
  try {
    const parsed = JSON.parse(cause) as Json;
    return isJsonObject(parsed) ? (parsed["errorMessage"] as string) : cause;
  } catch {
    return cause;
  }
}
