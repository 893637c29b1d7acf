import * as z from "zod";

/** What every flow here takes: each reads its own part. */
export const Input = z.object({
  sku: z.string(),
  amount: z.number(),
  vip: z.boolean(),
  hosts: z.array(z.string()),
  proposedChange: z.string(),
  definition: z.string(),
  group: z.string(),
});
export type Input = z.infer<typeof Input>;

export const Diff = z.object({ data: z.boolean(), schema: z.boolean(), files: z.number() });
