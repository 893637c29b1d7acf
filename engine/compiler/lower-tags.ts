import ts from "typescript";
import { renderTags } from "../model/tags.ts";
import {
  type Element,
  type Expression,
  conditional,
  constant,
  form,
  lambda,
  list,
  local,
  textOf,
} from "./expression.ts";
import { lowerCondition } from "./lower-condition.ts";
import { lowerExpression } from "./lower-expression.ts";
import { type Lowering, bare, positionOf } from "./lowering.ts";
import { millraceName } from "./task-declaration.ts";

/** What a rendered tag begins with, by the member of the request that it stands in. */
const PREFIXES: { readonly [member: string]: string } = {
  branches: renderTags({ branches: [""] }).join(""),
  nodes: renderTags({ nodes: [""] }).join(""),
  others: "",
};
const [DATABASE_CHANGE = ""] = renderTags({ databaseChange: true });

/** `addTags({ … })` and `addBranchTag(branch)`: data that the next call carries. */
export function lowerAddTags(at: Lowering, call: ts.CallExpression): void {
  const [argument] = call.arguments;
  const request = argument === undefined ? undefined : bare(argument);
  const add = (elements: readonly Element[]): void =>
    at.builder.addTags({ ...positionOf(at.source, call), elements, lines: [] });
  if (at.conditional !== undefined || request === undefined || !ts.isAwaitExpression(call.parent)) {
    at.diagnostics.report("tagRequest", call);
  } else if (millraceName(at.source, call.expression) === "addBranchTag") {
    add([prefixed(lowerExpression(at, request), "branches")]);
  } else if (ts.isObjectLiteralExpression(request)) {
    add(request.properties.flatMap((member) => lowerRequested(at, member)));
  } else at.diagnostics.report("tagRequest", call);
}

function lowerRequested(at: Lowering, member: ts.ObjectLiteralElementLike): readonly Element[] {
  const value = ts.isPropertyAssignment(member)
    ? member.initializer
    : ts.isShorthandPropertyAssignment(member)
      ? member.name
      : undefined;
  const key = member.name === undefined || ts.isComputedPropertyName(member.name) ? "" : member.name.text;
  if (value !== undefined && key === "databaseChange") return databaseChange(lowerCondition(at, value));
  const kinds = value === undefined ? undefined : at.source.kinds(value);
  if (value === undefined || PREFIXES[key] === undefined || kinds?.size !== 1 || !kinds.has("array")) {
    at.diagnostics.report("tagRequest", member);
    return [];
  }
  const values = lowerExpression(at, value);
  const elements: readonly Element[] = values.kind === "array" ? values.elements : [{ value: values, as: "spread" }];
  return elements.map((element) =>
    element.as === "spread" ? spread(element.value, key) : prefixed(element.value, key),
  );
}

function databaseChange(condition: Expression): readonly Element[] {
  const [yes, no] = [list([{ value: constant(DATABASE_CHANGE), as: "one" }]), list([])];
  const value = conditional(condition, yes, no);
  return value.kind === "array" ? value.elements : [{ value, as: "spread" }];
}

function prefixed(text: Expression, member: string): Element {
  const prefix = PREFIXES[member] ?? "";
  const parts = text.kind === "text" ? text.parts : [text];
  return { value: prefix === "" ? text : textOf([constant(prefix), ...parts]), as: "one" };
}

function spread(texts: Expression, member: string): Element {
  const prefix = PREFIXES[member] ?? "";
  const prefixedText = lambda(["text"], textOf([constant(prefix), local("text")]));
  return { value: prefix === "" ? texts : form("map", texts, prefixedText), as: "spread" };
}
