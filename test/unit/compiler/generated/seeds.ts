import fc from "fast-check";
import type { Input } from "./project/functions/fakes/models.ts";

/**
 * What a program is grown from: trees of numbers, without a word of TypeScript. Printing a tree picks what fits where it
 * stands, so every tree is a well-typed program, and a smaller tree is a smaller one: fast-check shrinks as it does.
 */
export interface ExpressionSeed {
  readonly pick: number;
  readonly parts: readonly ExpressionSeed[];
}

export interface StatementSeed {
  readonly pick: number;
  readonly values: readonly ExpressionSeed[];
  readonly blocks: readonly BlockSeed[];
}

export type BlockSeed = readonly StatementSeed[];

export interface ProgramSeed {
  readonly helpers: readonly BlockSeed[];
  readonly body: BlockSeed;
  readonly inputs: readonly Input[];
}

const DEPTH = 3;
const pick = fc.nat(9999);

function expressions(depth: number): fc.Arbitrary<ExpressionSeed> {
  const parts = depth === 0 ? fc.constant([]) : fc.array(expressions(depth - 1), { maxLength: 3 });
  return fc.record({ pick, parts });
}

function blocks(depth: number, maxLength: number): fc.Arbitrary<BlockSeed> {
  const inner = depth === 0 ? fc.constant([]) : fc.array(blocks(depth - 1, 3), { maxLength: 3 });
  const values = fc.array(expressions(2), { minLength: 1, maxLength: 4 });
  return fc.array(fc.record({ pick, values, blocks: inner }), { maxLength, size: "max" });
}

const n = fc.integer({ min: -3, max: 9 });
const s = fc.constantFrom("", "a", "b", "x y", 'say "a"', "{% 1 %}", "${n}", "back\\slash", "é");
const level = fc.constantFrom("low" as const, "mid" as const, "high" as const);
const maybe = fc.option(n);
const box = fc.record({ id: s, size: n, tags: fc.array(s, { maxLength: 2 }), note: maybe });
export const inputs: fc.Arbitrary<Input> = fc.record({
  n,
  s,
  flag: fc.boolean(),
  level,
  ns: fc.array(n, { maxLength: 3 }),
  ss: fc.array(s, { maxLength: 3 }),
  box,
  boxes: fc.array(box, { maxLength: 3 }),
  maybe,
  counts: fc.dictionary(fc.constantFrom("a", "b", "c", "x y"), n, { maxKeys: 3 }),
});

export const programs: fc.Arbitrary<ProgramSeed> = fc.record({
  helpers: fc.array(blocks(1, 3), { maxLength: 2 }),
  body: blocks(DEPTH - 1, 5),
  inputs: fc.array(inputs, { minLength: 1, maxLength: 2 }),
});
