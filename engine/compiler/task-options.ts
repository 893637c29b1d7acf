import ts from "typescript";
import {
  LONGEST_TIMEOUT_SECONDS,
  RANGES,
  rangeProblem,
  retryOnProblem,
  type CallOptions,
  type NumberOption,
} from "../model/task-options.ts";
import type { Diagnostics } from "./diagnostics.ts";

/** How a task is tried, with what stands in where nothing is said. */
export interface ReadOptions extends CallOptions {
  readonly retries: number;
  readonly retryDelaySeconds: number;
  readonly retryBackoff: number;
  readonly timeoutSeconds: number;
}

export const DEFAULTS: ReadOptions = {
  retries: 0,
  retryDelaySeconds: 0,
  retryBackoff: 1,
  timeoutSeconds: LONGEST_TIMEOUT_SECONDS,
};

type ChangedTask = ts.CallExpression & { readonly expression: ts.PropertyAccessExpression };

/** `task.with({ … })` */
export function changedTask(node: ts.Node): ChangedTask | undefined {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  return node.expression.name.text === "with" ? (node as ChangedTask) : undefined;
}

/** The members of an options object by name; one that is not spelled out is reported. */
export function membersOf(
  diagnostics: Diagnostics,
  options: ts.ObjectLiteralExpression,
): ReadonlyMap<string, ts.Expression> {
  const values = new Map<string, ts.Expression>();
  for (const member of options.properties) {
    if (ts.isPropertyAssignment(member) && !ts.isComputedPropertyName(member.name))
      values.set(member.name.text, member.initializer);
    else if (!ts.isShorthandPropertyAssignment(member)) diagnostics.report("taskOption", member);
    else values.set(member.name.text, member.name);
  }
  return values;
}

/** The options over those that hold without them; a value that is not literally there is reported. */
export function readOptions<O extends ReadOptions>(
  diagnostics: Diagnostics,
  values: ReadonlyMap<string, ts.Expression>,
  before: O,
): O {
  const given: { -readonly [option in keyof CallOptions]: CallOptions[option] } = {};
  for (const option of Object.keys(RANGES) as NumberOption[]) {
    const value = values.get(option);
    if (value === undefined) continue;
    if (!ts.isNumericLiteral(value)) diagnostics.report("taskOption", value);
    else {
      const problem = rangeProblem(option, Number(value.text), value.getText());
      if (problem !== undefined) diagnostics.report("taskRange", value, problem);
      given[option] = Number(value.text);
    }
  }
  const [retryOn, jitter] = [values.get("retryOn"), values.get("retryJitter")];
  if (retryOn !== undefined) given.retryOn = namesIn(diagnostics, retryOn);
  if (jitter?.kind === ts.SyntaxKind.TrueKeyword) given.retryJitter = true;
  else if (jitter?.kind === ts.SyntaxKind.FalseKeyword) given.retryJitter = false;
  else if (jitter !== undefined) diagnostics.report("taskOption", jitter);
  return { ...before, ...given };
}

function namesIn(diagnostics: Diagnostics, list: ts.Expression): string[] {
  const elements = ts.isArrayLiteralExpression(list) ? list.elements : undefined;
  const names = (elements ?? []).flatMap((one) => (ts.isStringLiteralLike(one) ? [one.text] : []));
  if (elements === undefined || names.length < elements.length) {
    diagnostics.report("taskOption", list);
    return [];
  }
  const problem = retryOnProblem(names);
  if (problem !== undefined) diagnostics.report("taskRange", list, problem);
  return names;
}
