import ts from "typescript";
import type { MistakeName } from "./mistakes.ts";
import type { Kind, Kinds, Source } from "./source.ts";

/** Mistakes of how a value is used: where the value itself is one, they only follow from it. */
const OF_USE: ReadonlySet<MistakeName> = new Set<MistakeName>([
  "constantCondition",
  "loopsOver",
  "ordersMixed",
  "spreads",
  "textPart",
  "unknownShape",
]);
/** Names that there are not: whatever else is wrong at their place only follows from that. */
const OF_NAME: ReadonlySet<MistakeName> = new Set<MistakeName>(["absent", "logs", "nameError"]);
export type Strength = 0 | 1 | 2 | 3;

/** Of several mistakes at one place the strongest is shown. */
export function strength(name: MistakeName): Strength {
  return name === "typeError" ? 0 : OF_USE.has(name) ? 1 : OF_NAME.has(name) ? 3 : 2;
}

/** The type of such a value is right whatever is wrong with it, so that what is wrong around it is wrong for itself. */
const KNOWN: Kinds = new Set<Kind>(["string", "number", "boolean", "null", "undefined", "array"]);

/**
 * Whether what is wrong with a node only follows from what was reported of a part of it, or of a name in it.
 * @param reported How strong a mistake was reported of a part, if any was.
 */
export function follows(source: Source, node: ts.Node, reported: (part: ts.Node) => Strength | undefined): boolean {
  const seen = new Set<ts.Node>();
  const isCause = (part: ts.Node): boolean => {
    if (seen.has(part)) return false;
    seen.add(part);
    const found = reported(part);
    if (found === 3) return true;
    if (source.kinds(part).isSubsetOf(KNOWN) && !source.isPromise(part)) return false;
    return found !== undefined || partsOf(source, part).some(isCause);
  };
  return partsOf(source, node).some(isCause);
}

/** What an expression has its value from: an operand, what is called, read or awaited, what a name is declared with. */
function partsOf(source: Source, node: ts.Node): readonly ts.Node[] {
  if (ts.isIdentifier(node)) return source.declarations(node).flatMap((one) => valueOf(one) ?? []);
  if (ts.isBinaryExpression(node)) return [node.left, node.right];
  if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse];
  if (ts.isCallExpression(node)) return [node.expression, ...node.arguments];
  if (ts.isPropertyAccessExpression(node)) return [node.expression, node.name];
  return ts.isExpression(node) || ts.isSpreadAssignment(node) ? operandOf(node) : [];
}

function operandOf(node: ts.Node): readonly ts.Node[] {
  const operand = (node as { readonly expression?: ts.Node }).expression;
  return operand === undefined ? [] : [operand];
}

/** Where a name of the source has its value from: an expression, or the module that it is imported from. */
function valueOf(declaration: ts.Node): ts.Node | undefined {
  if (ts.isImportSpecifier(declaration)) return declaration.parent.parent.parent.moduleSpecifier;
  if (ts.isBindingElement(declaration)) return valueOf(declaration.parent.parent);
  if (ts.isMethodDeclaration(declaration) || ts.isClassDeclaration(declaration)) return declaration;
  if (ts.isPropertyAssignment(declaration)) return declaration.initializer;
  if (!ts.isVariableDeclaration(declaration)) return undefined;
  const loop = declaration.parent.parent;
  return declaration.initializer ?? (ts.isForOfStatement(loop) ? loop.expression : undefined);
}
