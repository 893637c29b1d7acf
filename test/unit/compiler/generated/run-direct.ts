import { direct } from "../../../../engine/testing/direct.ts";
import { newTrace } from "../../../../engine/testing/trace.ts";
import { overTheWire } from "../../../../engine/model/json.ts";
import type { Flow } from "./compile.ts";
import type { Input } from "./project/functions/fakes/models.ts";
import type { Seen } from "./seen.ts";

/** A program as the function that it is. */
export async function runDirectly(flow: Flow, input: Input): Promise<Seen> {
  const trace = newTrace();
  const end = await ended(() => direct(flow, input, { trace }));
  const calls = trace.calls.map(({ task, input: given, attempt }) => ({ task, input: given, attempt }));
  const logs = trace.logs.map(({ level, message, fields = {} }) => JSON.stringify([level, message, fields]));
  return { end, calls, logs, tags: trace.tags };
}

async function ended(run: () => Promise<unknown>): Promise<Seen["end"]> {
  try {
    return { output: overTheWire(await run()) };
  } catch (error) {
    return { error: (error as Error).name, message: (error as Error).message };
  }
}
