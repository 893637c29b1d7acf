import ts from "typescript";
import { type Expression, NULL, binary, conditional, constant } from "./expression.ts";
import { lowerExpression } from "./lower-expression.ts";
import { errorIn } from "./lower-reason.ts";
import { type Lowering, bare, bindName } from "./lowering.ts";
import type { Source } from "./source.ts";

/** An error as a machine knows it. */
export interface Thrown {
  readonly name: Expression;
  readonly message: Expression;
  /** An object of its cause's name and message, or null; absent where nothing is known of it. */
  readonly cause?: Expression;
  /** There may be none: its parts are null then. */
  readonly maybe?: true;
}

/** What a class is given, as it stands where the class is made. */
interface Argument {
  readonly at: Lowering;
  readonly node: ts.Expression;
}

/** Stands for an error that was reported. */
export const UNKNOWN: Thrown = { name: constant("Error"), message: constant("") };

const BUILT_IN = new Set([
  "Error",
  "TypeError",
  "RangeError",
  "SyntaxError",
  "ReferenceError",
  "EvalError",
  "URIError",
]);
const RESERVED = /^States\./;

/**
 * Name and message of the error that `new Class(…)` makes, as far as the classes say it statically: the name is the
 * field `name` nearest to the class, or the built-in's; the message is followed through each `super(…)`.
 */
export function lowerNewError(at: Lowering, node: ts.NewExpression): Thrown | undefined {
  let callee: ts.Expression = node.expression;
  let values: readonly (Argument | undefined)[] = (node.arguments ?? []).map((argument) => ({ at, node: argument }));
  let name: string | undefined;
  if (values.length > 0 && hasAwait(node)) at.diagnostics.report("awaitConditional", node, "the arguments of an error");
  for (;;) {
    const symbol = at.source.symbol(callee);
    const declaration = symbol?.declarations?.find(ts.isClassDeclaration);
    if (symbol !== undefined && BUILT_IN.has(symbol.name) && declaration === undefined) {
      return finish(at, node, name ?? symbol.name, values);
    }
    const parent = declaration?.heritageClauses?.find((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword)
      ?.types[0];
    if (declaration === undefined || parent === undefined) return undefined;
    const constructor = declaration.members.find(ts.isConstructorDeclaration);
    const own = ownName(declaration, constructor);
    const passed = constructor === undefined ? values : superArguments(at, constructor, values);
    if (own === false || passed === undefined) {
      at.diagnostics.report(
        "errorClass",
        node,
        `Class ${declaration.name?.text ?? "(anonymous)"} sets them at run time`,
      );
      return UNKNOWN;
    }
    name ??= own;
    values = passed;
    callee = parent.expression;
  }
}

/**
 * The names that an error of a class can have: its own and those of its subclasses. Nothing where the class is unknown,
 * or where an error of another class has one of them too.
 */
export function errorNames(source: Source, node: ts.Expression): ReadonlySet<string> | undefined {
  const symbol = source.symbol(node);
  if (symbol === undefined) return undefined;
  const own = symbol.declarations?.find(ts.isClassDeclaration);
  const known = own === undefined || own.getSourceFile().isDeclarationFile ? [] : [own];
  const family = new Set([...known, ...source.subclasses(symbol)]);
  const names = new Set([...family].map((one) => nameOf(source, one)));
  if (known.length === 0) names.add(BUILT_IN.has(symbol.name) ? symbol.name : undefined);
  else if (names.has(undefined)) return undefined;
  const shared = source.classes().some((one) => !family.has(one) && names.has(nameOf(source, one)));
  return shared || names.has(undefined) ? undefined : (names as Set<string>);
}

/** The name nearest to a class that is an error; nothing where only running it would tell, or where it has none of its own. */
function nameOf(source: Source, declaration: ts.ClassDeclaration): string | undefined {
  const own = ownName(declaration, declaration.members.find(ts.isConstructorDeclaration));
  if (own !== undefined) return own === false ? undefined : own;
  const parent = declaration.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)?.types[0];
  const above = parent && source.symbol(parent.expression)?.declarations?.find(ts.isClassDeclaration);
  return above === undefined || above.getSourceFile().isDeclarationFile ? undefined : nameOf(source, above);
}

function hasAwait(node: ts.Node): boolean {
  return ts.isAwaitExpression(node) || ts.forEachChild(node, (child) => hasAwait(child) || undefined) === true;
}

function finish(
  at: Lowering,
  node: ts.NewExpression,
  name: string,
  [message, options]: readonly (Argument | undefined)[],
): Thrown {
  if (RESERVED.test(name)) at.diagnostics.report("errorName", node, name);
  return {
    name: constant(name),
    message: message === undefined ? constant("") : messageOf(message),
    cause: options === undefined ? NULL : causeIn(options),
  };
}

function messageOf({ at, node }: Argument): Expression {
  const value = lowerExpression(at, node);
  return at.source.kinds(node).has("undefined") ? { kind: "coalesce", value, fallback: constant("") } : value;
}

/** The error in `{ cause: error }`, as its name and message. */
function causeIn({ at, node }: Argument): Expression {
  const given = bare(node);
  const [member, ...others] = ts.isObjectLiteralExpression(given) ? given.properties : [];
  const value = member && ts.isPropertyAssignment(member) ? bare(member.initializer) : member?.name;
  const isCause = member?.name?.getText() === "cause" && others.length === 0 && value && ts.isExpression(value);
  const made = isCause && ts.isNewExpression(value) ? lowerNewError(at, value) : undefined;
  const error = isCause ? (made ?? errorIn(at, value)) : undefined;
  if (error === undefined) at.diagnostics.report("causeOther", node);
  const { name, message } = error ?? UNKNOWN;
  const parts = Object.entries({ name, message }).map(([key, part]) => ({ key, value: part, maybe: false }));
  const cause: Expression = { kind: "object", members: parts };
  return error?.maybe ? conditional(binary("=", name, NULL), NULL, cause) : cause;
}

/** The field `name` of a class; `false` where it is set in a way that only running it would tell. */
function ownName(
  declaration: ts.ClassDeclaration,
  constructor: ts.ConstructorDeclaration | undefined,
): string | undefined | false {
  const field = declaration.members.find((member) => member.name?.getText() === "name");
  const set = (constructor?.body?.statements ?? []).map(assignedName).findLast((value) => value !== undefined);
  if (set !== undefined) return literalText(set);
  if (field === undefined) return undefined;
  return ts.isPropertyDeclaration(field) && field.initializer !== undefined ? literalText(field.initializer) : false;
}

function assignedName(statement: ts.Statement): ts.Expression | undefined {
  if (!ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression)) return undefined;
  const { left, operatorToken, right } = statement.expression;
  return operatorToken.kind === ts.SyntaxKind.EqualsToken && left.getText() === "this.name" ? right : undefined;
}

function literalText(node: ts.Expression): string | false {
  if (ts.isAsExpression(node)) return literalText(node.expression);
  return ts.isStringLiteralLike(node) ? node.text : false;
}

/** What a constructor hands to `super(…)`; nothing where it does more than that and set fields. */
function superArguments(
  at: Lowering,
  constructor: ts.ConstructorDeclaration,
  values: readonly (Argument | undefined)[],
): (Argument | undefined)[] | undefined {
  const calls = (constructor.body?.statements ?? []).filter((statement) => !isFieldAssignment(statement));
  const [only] = calls;
  if (calls.length !== 1 || only === undefined || !ts.isExpressionStatement(only)) return undefined;
  const call = only.expression;
  if (!ts.isCallExpression(call) || call.expression.kind !== ts.SyntaxKind.SuperKeyword) return undefined;
  const inside: Lowering = { ...at, conditional: "a constructor" };
  const given = new Map<string, Argument | undefined>();
  constructor.parameters.forEach(({ name, initializer }, index) => {
    const value = values[index] ?? (initializer && { at: inside, node: initializer });
    if (value === undefined || hasCause(value.node)) given.set(name.getText(), value);
    if (!ts.isIdentifier(name) || (value !== undefined && hasCause(value.node))) return;
    bindName(at, name, { value: value === undefined ? NULL : lowerExpression(value.at, value.node) });
  });
  return call.arguments.map((node) => (given.has(node.getText()) ? given.get(node.getText()) : { at: inside, node }));
}

/** `{ cause: error }`, which is no value but stands for an error. */
function hasCause(node: ts.Expression): boolean {
  return ts.isObjectLiteralExpression(node) && node.properties.some(({ name }) => name?.getText() === "cause");
}

function isFieldAssignment(statement: ts.Statement): boolean {
  if (!ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression)) return false;
  return /^this\.\w+$/.test(statement.expression.left.getText());
}
