import * as z from "zod";

/** Parameters of a workflow that `onFailure` or `onCancel` names. */
export const EndedRun = z.object({
  run: z.string(),
  workflow: z.string(),
  state: z.enum(["failed", "cancelled", "timed-out"]),
  error: z.object({ name: z.string(), message: z.string(), at: z.string().optional() }),
});
export type EndedRun = z.infer<typeof EndedRun>;
