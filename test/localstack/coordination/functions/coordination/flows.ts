import { acquireLock, sweep, type SweepReport } from "millrace";
import type { Guest, Passage } from "./models.ts";
import { greet, passGate } from "./tasks.ts";

export async function through({ gate }: Passage): Promise<null> {
  return await passGate({ gate });
}

export async function child({ gate, name }: Guest): Promise<string> {
  await passGate({ gate });
  return await greet({ name });
}

/** One after the other for each gate; nobody fails while it holds the lock. */
export async function locked({ gate, name }: Guest): Promise<number> {
  await using lock = await acquireLock({ namespace: "gate", name: gate });
  await passGate({ gate: name });
  await greet({ name });
  return lock.fence;
}

export async function cleanUp(): Promise<SweepReport> {
  return await sweep();
}
