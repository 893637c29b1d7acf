import type { Range } from "./compiled.ts";

/** A range without what is not known. */
export function range(min: number, typical: number | undefined, max: number | undefined): Range {
  return { min, ...(typical === undefined ? {} : { typical }), ...(max === undefined ? {} : { max }) };
}

export function exactly(value: number): Range {
  return range(value, value, value);
}

/** Of unknown parts the sum is unknown. */
export function sum(...parts: readonly Range[]): Range {
  const total = (pick: (part: Range) => number | undefined): number | undefined =>
    parts.reduce<number | undefined>((before, part) => both(before, pick(part), (left, right) => left + right), 0);
  return range(
    total(({ min }) => min) ?? 0,
    total(({ typical }) => typical),
    total(({ max }) => max),
  );
}

/** None of something unknown is nothing. */
export function product(left: Range, right: Range): Range {
  const times = (one: number | undefined, other: number | undefined): number | undefined =>
    one === 0 || other === 0 ? 0 : both(one, other, (a, b) => a * b);
  return range(left.min * right.min, times(left.typical, right.typical), times(left.max, right.max));
}

export function scaled(of: Range, factor: number): Range {
  return product(of, exactly(factor));
}

function both(
  left: number | undefined,
  right: number | undefined,
  join: (left: number, right: number) => number,
): number | undefined {
  return left === undefined || right === undefined ? undefined : join(left, right);
}
