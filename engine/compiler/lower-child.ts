import ts from "typescript";
import type { Callee } from "./callee.ts";
import { type Expression, REFUSED, property, variable } from "./expression.ts";
import { lowerExpression } from "./lower-expression.ts";
import { type Lowering, bare, positionOf } from "./lowering.ts";
import type { Source } from "./source.ts";
import { millraceName } from "./task-declaration.ts";

/** `executeWorkflow(WORKFLOW, { parameters, … })`, which waits for the child's result, and `submitWorkflow`, which does not. */
export function lowerChild(at: Lowering, call: ts.CallExpression, waits: boolean, wish?: string): Expression {
  const [named, given] = call.arguments;
  const workflow = named === undefined ? undefined : definedName(at.source, named, "defineWorkflow");
  if (workflow === undefined) at.diagnostics.report("workflowUnknown", named ?? call);
  else if (at.workflows?.has(workflow) === false) at.diagnostics.report("workflowUnlisted", named ?? call, workflow);
  const values = optionsOf(at, given ?? call);
  const parameters = values.get("parameters");
  if (workflow === undefined || parameters === undefined) return REFUSED;
  const [tags, priority] = [values.get("tags"), values.get("priority")];
  const callee: Callee = {
    kind: "child",
    workflow,
    waits,
    parameters,
    ...(tags && { tags }),
    ...(priority && { priority }),
  };
  const role = `${waits ? "execute" : "submit"} ${workflow}`;
  const name = at.names.fresh(wish ?? (waits ? "result" : "child"));
  const { indices, handler } = at;
  const value = waits ? ANSWER : SUBMITTED;
  at.builder.call({ ...positionOf(at.source, call), role, callee, indices, handler }, { variable: name, value });
  return variable(name);
}

/** The child's result, which the token was answered with. */
const ANSWER: Expression = { kind: "result", enveloped: false };
/** Of what submit answers a flow sees the id. */
const ID = property({ kind: "result", enveloped: true }, "id", false);
const SUBMITTED: Expression = { kind: "object", members: [{ key: "id", value: ID, maybe: false }] };

/** The `name` in the `defineWorkflow({ name: …, … })`, or its like, that an expression names. */
export function definedName(
  source: Source,
  node: ts.Expression,
  maker: "defineWorkflow" | "defineEvent",
): string | undefined {
  const inner = bare(node);
  if (ts.isCallExpression(inner)) {
    const [options] = inner.arguments;
    if (millraceName(source, inner.expression) !== maker) return undefined;
    if (options === undefined || !ts.isObjectLiteralExpression(options)) return undefined;
    const member = options.properties.find((one) => one.name !== undefined && nameOf(one.name) === "name");
    const value = member && (ts.isPropertyAssignment(member) ? member.initializer : member.name);
    const name = value && source.literal(value);
    return typeof name === "string" ? name : undefined;
  }
  const declaration = source.symbol(inner)?.valueDeclaration;
  if (declaration === undefined || !ts.isVariableDeclaration(declaration)) return undefined;
  const isConstant = (declaration.parent.flags & ts.NodeFlags.Const) !== 0;
  return isConstant && declaration.initializer ? definedName(source, declaration.initializer, maker) : undefined;
}

const OPTIONS: ReadonlySet<string> = new Set(["parameters", "tags", "priority"]);

/** The options by name, each lowered where it stands. */
function optionsOf(at: Lowering, given: ts.Expression): ReadonlyMap<string, Expression> {
  const literal = bare(given);
  const values = new Map<string, Expression>();
  if (!ts.isObjectLiteralExpression(literal)) {
    at.diagnostics.report("childOptions", given);
    return values;
  }
  for (const member of literal.properties) {
    const name = member.name === undefined ? undefined : nameOf(member.name);
    const value = ts.isPropertyAssignment(member)
      ? member.initializer
      : ts.isShorthandPropertyAssignment(member)
        ? member.name
        : undefined;
    if (name === undefined || value === undefined || !OPTIONS.has(name)) at.diagnostics.report("childOptions", member);
    else values.set(name, lowerExpression(at, value));
  }
  if (!values.has("parameters")) at.diagnostics.report("childOptions", given);
  return values;
}

function nameOf(name: ts.PropertyName): string | undefined {
  return ts.isIdentifier(name) || ts.isStringLiteralLike(name) ? name.text : undefined;
}
