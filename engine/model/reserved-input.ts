import * as z from "zod";
import { Priority } from "./limit.ts";
import { parse, type Parsed } from "./schema.ts";
import { tagProblem } from "./tags.ts";
import { RESERVED_KEY, type ReservedInput } from "./wire.ts";

const Reserved = z.object({
  context: z
    .object({
      branch: z.string().optional(),
      account: z.string().optional(),
      priority: z.enum(Object.values(Priority)).optional(),
    })
    .optional(),
  parent: z.string().optional(),
  tags: z.array(z.string().refine((tag) => tagProblem(tag) === undefined, "cannot be a tag")).optional(),
});

/** What somebody who starts a machine by hand wrote under the reserved key; it passed no check of ours. */
export function readReserved(value: unknown): Parsed<ReservedInput> {
  if (value === undefined) return { ok: true, value: {} };
  const outcome = parse(Reserved, value);
  if (outcome.ok) return { ok: true, value: JSON.parse(JSON.stringify(outcome.value)) as ReservedInput };
  return { ok: false, problem: `${RESERVED_KEY}: ${outcome.problem}` };
}
