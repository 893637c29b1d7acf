import * as z from "zod";

/** The remark is for nobody: no task takes it, so that a wrong one is not noticed by any. */
export const Gate = z.object({ gate: z.string(), remark: z.string().default("") });
export type Gate = z.infer<typeof Gate>;

/** What the task said of its own code on either side of the gate. */
export const Passed = z.object({ before: z.string(), after: z.string() });
export type Passed = z.infer<typeof Passed>;
