import { executeWorkflow, submitWorkflow } from "millrace";
import { CHILD } from "../../catalogue/children.ts";
import type { Guest, Guests } from "./models.ts";
import { executeChild, passGate } from "./tasks.ts";

export async function family({ gate, name }: Guest): Promise<string> {
  return await executeWorkflow(CHILD, { parameters: { gate, name } });
}

/** Answers with the child's id; the child goes on alone. */
export async function launch({ gate, name }: Guest): Promise<string> {
  const run = await submitWorkflow(CHILD, { parameters: { gate: name, name } });
  await passGate({ gate });
  return run.id;
}

export async function byTask({ gate, name }: Guest): Promise<string> {
  return await executeChild({ gate, name });
}

export async function several({ gate, names }: Guests): Promise<number> {
  for (const name of names) {
    await executeWorkflow(CHILD, { parameters: { gate, name } });
  }
  return names.length;
}
