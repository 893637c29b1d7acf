import type ts from "typescript";
import { type Expression, REFUSED, form } from "./expression.ts";
import { type Lowering, positionOf } from "./lowering.ts";

/** `now()` and `uuid()`: evaluated once, where they stand. */
export function lowerMoment(at: Lowering, call: ts.CallExpression, name: "now" | "uuid"): Expression {
  if (at.conditional === undefined) return at.builder.keep(name, form(name), positionOf(at.source, call, call));
  at.diagnostics.report("momentConditional", call, `${name}()`);
  return REFUSED;
}
