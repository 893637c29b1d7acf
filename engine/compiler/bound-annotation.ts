import ts from "typescript";
import type { Diagnostics } from "./diagnostics.ts";
import type { Bound } from "./graph.ts";

/** What a loop repeats for: the elements of a list, or as long as a condition holds. */
export type Repeated = "items" | "turns";

/** What `@items 20..500` or `@turns 3..10` in the comment before the statement around a node says. */
export function annotationOf(diagnostics: Diagnostics, node: ts.Node, wanted: Repeated): Bound | undefined {
  const statement = statementOf(node);
  const file = statement.getSourceFile();
  const comments = ts.getLeadingCommentRanges(file.text, statement.getFullStart()) ?? [];
  const text = comments.map(({ pos, end }) => file.text.slice(pos, end)).join("\n");
  const [, tag, range = ""] = /@(items|turns)\b[ \t]*([^\n*]*)/.exec(text) ?? [];
  if (tag === undefined) return undefined;
  const [, first = "", last] = /^([\d,_]+)(?:\.\.([\d,_]+))?\s*$/.exec(range) ?? [];
  const [low, high] = [first, last ?? first].map((digits) =>
    digits === "" ? NaN : Number(digits.replace(/[,_]/g, "")),
  );
  const legal =
    low !== undefined && high !== undefined && Number.isInteger(low) && Number.isInteger(high) && low <= high;
  if (tag === wanted && legal) return last === undefined ? { max: high } : { typical: low, max: high };
  if (tag !== wanted) diagnostics.report("boundWord", statement, `@${tag}`);
  else diagnostics.report("boundForm", statement, `@${tag} ${range.trim()}`.trim());
  return undefined;
}

function statementOf(node: ts.Node): ts.Node {
  return ts.isStatement(node) || ts.isSourceFile(node) ? node : statementOf(node.parent);
}
