import * as z from "zod";

export const Level = z.enum(["low", "mid", "high"]);
export type Level = z.infer<typeof Level>;

export const Box = z.object({
  id: z.string(),
  size: z.number(),
  tags: z.array(z.string()),
  note: z.number().nullable(),
});
export type Box = z.infer<typeof Box>;

/** What every generated program is given. */
export const Input = z.object({
  n: z.number(),
  s: z.string(),
  flag: z.boolean(),
  level: Level,
  ns: z.array(z.number()),
  ss: z.array(z.string()),
  box: Box,
  boxes: z.array(Box),
  maybe: z.number().nullable(),
  counts: z.record(z.string(), z.number()),
});
export type Input = z.infer<typeof Input>;

export class Declined extends Error {
  override readonly name: string = "Declined";
}

export class OutOfStock extends Declined {
  override readonly name = "OutOfStock";

  constructor(count: number) {
    super(`${count} are left`);
  }
}

export class Busy extends Error {
  override readonly name = "Busy";
}
