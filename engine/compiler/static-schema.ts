import ts from "typescript";
import type { Shape } from "../model/schema.ts";
import { taskCall } from "./task-declaration.ts";
import type { Source } from "./source.ts";

/** What a task's `output` schema says of the lengths of lists, as far as its source spells it out. */
export function outputShape(source: Source, callee: ts.Node): Shape | undefined {
  const options = taskCall(source, callee)?.arguments[0];
  if (options === undefined || !ts.isObjectLiteralExpression(options)) return undefined;
  const output = options.properties.find((member) => member.name?.getText() === "output");
  if (output === undefined) return undefined;
  if (ts.isPropertyAssignment(output)) return schemaShape(source, output.initializer, new Set());
  return ts.isShorthandPropertyAssignment(output) ? schemaShape(source, output.name, new Set()) : undefined;
}

/** Reads `z.array(…).max(20)`, `z.object({ … })` and what is derived of them; constants are followed to where they stand. */
function schemaShape(source: Source, node: ts.Expression, above: ReadonlySet<ts.Node>): Shape | undefined {
  if (above.has(node)) return undefined;
  const seen = new Set([...above, node]);
  if (ts.isIdentifier(node)) {
    const declared = source.symbol(node)?.valueDeclaration;
    const value = declared !== undefined && ts.isVariableDeclaration(declared) ? declared.initializer : undefined;
    return value && schemaShape(source, value, seen);
  }
  if (ts.isPropertyAccessExpression(node)) return partShape(source, node, seen);
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  const { expression: receiver, name } = node.expression;
  const [argument] = node.arguments;
  if (isZod(receiver)) return madeShape(source, name.text, argument, seen);
  const shape = schemaShape(source, receiver, seen);
  switch (name.text) {
    case "max":
    case "length":
      return argument !== undefined && ts.isNumericLiteral(argument) ? { ...shape, max: Number(argument.text) } : shape;
    case "array":
      return { ...(shape && { element: shape }) };
    case "extend":
      return { members: { ...shape?.members, ...membersOf(source, argument, seen) } };
    default:
      return KEEPING.has(name.text) ? shape : undefined;
  }
}

/** Methods of a schema whose result has lists of the same lengths at most. */
const KEEPING: ReadonlySet<string> = new Set(
  "min nonempty optional nullable nullish readonly describe meta refine check brand strict loose strip pick omit partial required".split(
    " ",
  ),
);

function isZod(node: ts.Expression): boolean {
  return ts.isIdentifier(node) && node.text === "z";
}

function madeShape(
  source: Source,
  maker: string,
  argument: ts.Expression | undefined,
  seen: ReadonlySet<ts.Node>,
): Shape | undefined {
  if (argument === undefined) return undefined;
  if (maker === "object" || maker === "strictObject" || maker === "looseObject")
    return { members: membersOf(source, argument, seen) };
  if (maker === "tuple" && ts.isArrayLiteralExpression(argument)) return { max: argument.elements.length };
  if (maker === "optional" || maker === "nullable") return schemaShape(source, argument, seen);
  if (maker !== "array") return undefined;
  const element = schemaShape(source, argument, seen);
  return element === undefined ? {} : { element };
}

function membersOf(
  source: Source,
  node: ts.Expression | undefined,
  seen: ReadonlySet<ts.Node>,
): { readonly [name: string]: Shape } {
  if (node === undefined || !ts.isObjectLiteralExpression(node)) return {};
  return Object.fromEntries(
    node.properties.flatMap((member) => {
      const value = ts.isPropertyAssignment(member) ? member.initializer : member.name;
      if (value === undefined || !ts.isExpression(value) || member.name === undefined) return [];
      const shape = schemaShape(source, value, seen);
      return shape === undefined ? [] : [[member.name.getText().replace(/^["']|["']$/g, ""), shape]];
    }),
  );
}

/** `Order.shape.lines`, `Orders.element`. */
function partShape(source: Source, node: ts.PropertyAccessExpression, seen: ReadonlySet<ts.Node>): Shape | undefined {
  const { expression, name } = node;
  if (name.text === "element") return schemaShape(source, expression, seen)?.element;
  if (!ts.isPropertyAccessExpression(expression) || expression.name.text !== "shape") return undefined;
  return schemaShape(source, expression.expression, seen)?.members?.[name.text];
}
