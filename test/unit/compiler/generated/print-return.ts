import type { Statement } from "./print-block.ts";
import type { Line, Place } from "./place.ts";

/** All that can be read, as one value, so that a difference shows. */
export function everything({ variables }: Place): string {
  return `{ ${variables
    .slice(-8)
    .map(({ name }) => name)
    .join(", ")} }`;
}

export function printReturn(statement: Statement, value: number): Line[] {
  const { place, expressions } = statement;
  const { returns } = place;
  const result = returns === "everything" ? everything(place) : expressions.print(returns, statement.value(value));
  return [{ spend: 1 }, `return ${result};`];
}
