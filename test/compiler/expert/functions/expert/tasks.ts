import { task } from "millrace";
import * as z from "zod";
import { Diff } from "./models.ts";

const Order = z.object({ sku: z.string(), amount: z.number() });

export const quote = task({ name: "quote", input: Order, output: z.number() }, ({ amount }) => amount);

export const reserve = task({ name: "reserve", input: Order, output: z.string() }, ({ sku }) => sku);

export const charge = task(
  { name: "charge", input: z.object({ reservation: z.string(), total: z.number() }), output: z.string() },
  ({ reservation }) => reservation,
);

export const review = task(
  { name: "review", input: z.object({ level: z.string(), amount: z.number() }), output: z.string() },
  ({ level }) => level,
);

export const notify = task({ name: "notify", input: z.object({ text: z.string() }), output: z.null() }, () => null);

export const release = task({ name: "release", input: z.string(), output: z.null() }, () => null);

export const ping = task({ name: "ping", input: z.string(), output: z.boolean() }, () => true);

const Leg = z.object({ what: z.string(), trip: z.string() });

export const book = task({ name: "book", input: Leg, output: z.null() }, () => null);

export const cancel = task({ name: "cancel", input: Leg, output: z.null() }, () => null);

export const diffOf = task({ name: "diff", input: z.string(), output: Diff }, () => ({
  data: true,
  schema: true,
  files: 1,
}));

export const membersOf = task({ name: "members", input: z.string(), output: z.array(z.string()) }, () => []);

export const summarize = task(
  { name: "summary", input: z.object({ changed: z.number() }), output: z.string() },
  ({ changed }) => `${changed} changed`,
);
