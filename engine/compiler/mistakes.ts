import { EXPRESSION_MISTAKES } from "./mistakes-expression.ts";
import { FLOW_MISTAKES } from "./mistakes-flow.ts";
import { STATEMENT_MISTAKES } from "./mistakes-statement.ts";
import { STEP_MISTAKES } from "./mistakes-step.ts";

/** One kind of mistake: what is wrong, with the part that differs as `{}`, and the rewrite to use. */
export interface Mistake {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

const TABLE = { ...FLOW_MISTAKES, ...STATEMENT_MISTAKES, ...EXPRESSION_MISTAKES, ...STEP_MISTAKES };

export type MistakeName = keyof typeof TABLE;

/** Every mistake that the compiler reports. Codes are stable; a new one takes a new number. */
export const MISTAKES: { readonly [name in MistakeName]: Mistake } = Object.freeze(TABLE);
