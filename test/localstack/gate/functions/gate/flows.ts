import type { Gate, Passed } from "./models.ts";
import { passGate, sayVersion } from "./tasks.ts";

export async function throughTheGate({ gate }: Gate): Promise<Passed> {
  const before = await sayVersion({});
  await passGate({ gate });
  const after = await sayVersion({});
  return { before, after };
}
