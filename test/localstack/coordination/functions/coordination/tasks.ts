import { executeWorkflow, task } from "millrace";
import * as z from "zod";
import { CHILD } from "../../catalogue/children.ts";
import { Guest } from "./models.ts";

export class NotWelcome extends Error {
  override readonly name = "NotWelcome";
}

export const passGate = task(
  { name: "pass-gate", input: z.object({ gate: z.string() }), output: z.null(), retries: 100, retryDelaySeconds: 1 },
  async ({ gate }, { items }) => {
    const open = await items.get({ pk: "gates", sk: gate }, { consistent: true });
    if (open === undefined) throw new Error(`The gate ${gate} is closed.`);
    return null;
  },
);

export const greet = task(
  { name: "greet", input: z.object({ name: z.string() }), output: z.string() },
  async ({ name }) => {
    if (name === "nobody") throw new NotWelcome("nobody is not welcome");
    return `hello ${name}`;
  },
);

export const executeChild = task({ name: "execute-child", input: Guest, output: z.string() }, (parameters) =>
  executeWorkflow(CHILD, { parameters }),
);
