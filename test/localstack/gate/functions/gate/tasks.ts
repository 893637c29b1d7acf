import { task } from "millrace";
import * as z from "zod";
import { Gate } from "./models.ts";

/** The test writes "second" here before it deploys again. */
const VERSION = "first";

export const sayVersion = task({ name: "say-version", input: z.object({}), output: z.string() }, async () => VERSION);

export const passGate = task(
  { name: "pass-gate", input: Gate.pick({ gate: true }), output: z.null(), retries: 100, retryDelaySeconds: 1 },
  async ({ gate }, { items }) => {
    const open = await items.get({ pk: "gates", sk: gate }, { consistent: true });
    if (open === undefined) throw new Error(`The gate ${gate} is closed.`);
    return null;
  },
);
