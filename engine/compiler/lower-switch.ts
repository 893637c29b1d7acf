import ts from "typescript";
import { shortText } from "./diagnostics.ts";
import { type Expression, binary, variable } from "./expression.ts";
import type { OpenEnd } from "./graph-builder.ts";
import { type ChoiceNode, type Edge, type Rule, edge } from "./graph.ts";
import { lowerExpression } from "./lower-expression.ts";
import { lowerStatements } from "./lower-statement.ts";
import { type Lowering, type Target, positionOf } from "./lowering.ts";

/** A clause with statements, and the empty ones right before it, which share its way. */
interface Group {
  readonly statements: readonly ts.Statement[];
  readonly way: Edge;
  readonly conditions: readonly Expression[];
  readonly isDefault: boolean;
}

/** `switch` on literals: one choice. A clause without `break` leads on into the next one. */
export function lowerSwitch(at: Lowering, node: ts.SwitchStatement, labels: readonly string[]): void {
  const { builder } = at;
  const subject = subjectOf(at, node.expression);
  const groups = groupsOf(at, node, subject);
  const done = edge();
  const rules = groups.flatMap(({ conditions, way, isDefault }): readonly Rule[] => {
    if (isDefault || conditions.length === 0) return [];
    return [{ condition: conditions.reduce((all, one) => binary("or", all, one)), edge: way }];
  });
  const otherwise = groups.find(({ isDefault }) => isDefault)?.way ?? done;
  const choice: ChoiceNode = {
    kind: "choice",
    role: `switch ${shortText(node.expression)}`,
    rules,
    otherwise,
    ...positionOf(at.source, node, node.expression),
  };
  const tags = builder.place(choice);
  const target: Target = { labels, leaving: at.leaving, breaks: [] };
  const inside: Lowering = { ...at, targets: [...at.targets, target] };
  let before: readonly OpenEnd[] = [];
  for (const { statements, way } of groups) {
    builder.ends = [{ edge: way, tags }, ...before];
    lowerStatements(inside, statements);
    before = builder.ends;
  }
  builder.ends = [...before, ...target.breaks, ...(otherwise === done ? [{ edge: done, tags }] : [])];
}

/** Each case reads it, so it is a variable where it is more than a read. */
function subjectOf(at: Lowering, node: ts.Expression): Expression {
  const value = lowerExpression(at, node);
  if (value.kind === "variable" || value.kind === "parameter" || value.kind === "property") return value;
  const name = at.names.fresh("subject");
  at.builder.assign(name, value);
  return variable(name);
}

function groupsOf(at: Lowering, node: ts.SwitchStatement, subject: Expression): Group[] {
  const groups: Group[] = [];
  let conditions: Expression[] = [];
  let isDefault = false;
  const { clauses } = node.caseBlock;
  clauses.forEach((clause, index) => {
    if (ts.isDefaultClause(clause)) isDefault = true;
    else conditions.push(binary("=", subject, caseOf(at, clause.expression)));
    if (clause.statements.length === 0 && index < clauses.length - 1) return;
    groups.push({ statements: clause.statements, way: edge(), conditions, isDefault });
    [conditions, isDefault] = [[], false];
  });
  return groups;
}

function caseOf(at: Lowering, node: ts.Expression): Expression {
  const value = lowerExpression(at, node);
  if (value.kind !== "constant" || typeof value.value === "object") {
    if (value.kind !== "constant" || value.value !== null) at.diagnostics.report("switchCase", node);
  }
  return value;
}
