import ts from "typescript";
import { ErrorName } from "../model/errors.ts";
import { MOST_SECONDS } from "../model/pause.ts";
import { type Expression, REFUSED, constant, textOf, variable } from "./expression.ts";
import { assignsOf } from "./graph-builder.ts";
import { type CallNode, edge } from "./graph.ts";
import { definedName } from "./lower-child.ts";
import { lowerExpression } from "./lower-expression.ts";
import { type Lowering, bare, positionOf } from "./lowering.ts";

/** `waitForEvent(EVENT, { timeoutSeconds })`: one state, which the answer wakes. */
export function lowerEvent(at: Lowering, call: ts.CallExpression, wish?: string): Expression {
  const [named, given] = call.arguments;
  const event = named && definedName(at.source, named, "defineEvent");
  if (event === undefined) at.diagnostics.report("eventUnknown", named ?? call);
  else if (at.events?.has(event) === false) at.diagnostics.report("eventUnlisted", named ?? call, event);
  const timeoutSeconds = timeoutOf(at, given ?? call);
  if (event === undefined) return REFUSED;
  const { indices, handler } = at;
  const callee = { kind: "event", event, timeoutSeconds } as const;
  const result = at.names.fresh(wish ?? event);
  const site = { ...positionOf(at.source, call), role: event, callee, indices, handler };
  const node = at.builder.call(site, { variable: result, value: { kind: "result", enveloped: false } });
  timeOut(at, node, event, timeoutSeconds);
  return variable(result);
}

function timeoutOf(at: Lowering, given: ts.Expression): Expression {
  const options = bare(given);
  const [member, ...others] = ts.isObjectLiteralExpression(options) ? options.properties : [];
  const value = member && ts.isPropertyAssignment(member) ? member.initializer : member?.name;
  const isOnly = member?.name?.getText() === "timeoutSeconds" && others.length === 0;
  if (!isOnly || value === undefined || !ts.isExpression(value)) {
    at.diagnostics.report("eventOptions", given);
    return REFUSED;
  }
  const seconds = lowerExpression(at, value);
  const fits = (number: unknown): boolean =>
    Number.isInteger(number) && Number(number) >= 1 && Number(number) <= MOST_SECONDS;
  if (seconds.kind === "constant" && !fits(seconds.value)) at.diagnostics.report("eventOptions", given);
  return seconds;
}

/** The platform's timeout of the state is the event's own, under its own name. */
function timeOut(at: Lowering, node: CallNode, event: string, seconds: Expression): void {
  const { handler } = at;
  const name = constant(ErrorName.EVENT_TIMED_OUT);
  const message = textOf([constant(`Event "${event}" was not answered within `), seconds, constant(" s.")]);
  const late = edge();
  node.named = [{ errors: [ErrorName.TIMEOUT], edge: late }];
  if (handler !== undefined) {
    late.assigns = assignsOf(handler, { name, message });
    handler.ends = [...handler.ends, { edge: late, tags: undefined }];
    return;
  }
  const { at: line, offset } = node;
  late.to = { kind: "fail", role: `throw ${ErrorName.EVENT_TIMED_OUT}`, name, message, at: line, offset };
}
