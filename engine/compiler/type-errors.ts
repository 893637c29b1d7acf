import { isBuiltin } from "node:module";
import ts from "typescript";
import type { Diagnostics } from "./diagnostics.ts";
import type { Source } from "./source.ts";
import { taskCall } from "./task-declaration.ts";

/** TypeScript's "Cannot find name": in general, and with its advice to add the types of Node, of a browser, … */
const CANNOT_FIND_NAME: ReadonlySet<number> = new Set([2304, 2503, 2580, 2583, 2584, 2591]);

/** The same with a name to use instead, a module, an export or a member that there is not. */
const UNKNOWN_NAME: ReadonlySet<number> = new Set([2305, 2307, 2339, 2550, 2551, 2552, 2613, 2614, 2724, 7017]);

/** Where the globals of Node and of browsers are declared, which some package may bring into the Program. */
const HOST_TYPES = /\/@types\/node\/|\/lib\.(dom|webworker)\b/;

/**
 * Reports what TypeScript finds in a flow and in what the flow uses of its own file; tasks are left out, as they are
 * free to use what a flow cannot. A name that a flow does not have is a mistake of its own and no type error.
 */
export function reportTypeErrors(source: Source, diagnostics: Diagnostics, flow: ts.Node): void {
  const file = flow.getSourceFile();
  const path = source.path(flow);
  const { parts, absent } = reachOf(source, flow);
  const report = (offset: number, name: string): void =>
    diagnostics.reportAt(name === "console" ? "logs" : "absent", path, file, offset, name);
  for (const name of absent) report(name.getStart(file), name.text);
  for (const { offset, code, message } of source.typeErrors(file)) {
    if (!parts.some((part) => part.getStart(file) <= offset && offset < part.end)) continue;
    const word = wordAt(file, offset);
    if (CANNOT_FIND_NAME.has(code) || (code === 2552 && word in globalThis)) report(offset, word);
    else diagnostics.reportAt(UNKNOWN_NAME.has(code) ? "nameError" : "typeError", path, file, offset, message);
  }
}

function wordAt(file: ts.SourceFile, offset: number): string {
  return /^[\w$]+/.exec(file.text.slice(offset))?.[0] ?? "";
}

interface Reach {
  /** The flow and the declarations of its file that it comes to. */
  readonly parts: readonly ts.Node[];
  /** The names in them that Node or a browser declares. */
  readonly absent: readonly ts.Identifier[];
}

function reachOf(source: Source, flow: ts.Node): Reach {
  const parts = new Set<ts.Node>([flow]);
  const absent: ts.Identifier[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      const declarations = source.declarations(node);
      if (isHostName(node, declarations)) absent.push(node);
      else for (const part of declarations.flatMap((one) => partsOf(source, flow, one))) parts.add(part);
    }
    ts.forEachChild(node, visit);
  };
  // A set is walked to its end while it grows.
  for (const part of parts) visit(part);
  return { parts: [...parts], absent };
}

function isHostName(node: ts.Identifier, declarations: readonly ts.Declaration[]): boolean {
  if (ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) return false;
  const [declaration] = declarations;
  const module = declaration === undefined ? undefined : importOf(declaration)?.moduleSpecifier;
  if (module !== undefined) return ts.isStringLiteral(module) && isBuiltin(module.text);
  return declarations.length > 0 && declarations.every((one) => HOST_TYPES.test(one.getSourceFile().fileName));
}

/** What belongs to a declaration of the flow's file: it and its module if it is imported, else all of it. */
function partsOf(source: Source, flow: ts.Node, declaration: ts.Declaration): readonly ts.Node[] {
  if (declaration.getSourceFile() !== flow.getSourceFile()) return [];
  const imported = importOf(declaration);
  if (imported !== undefined) return [declaration, imported.moduleSpecifier];
  const whole = ts.findAncestor(declaration, isOfFile);
  if (whole === undefined) return [];
  return ts.isVariableDeclaration(whole) && taskCall(source, whole.name) !== undefined ? [] : [whole];
}

function importOf(declaration: ts.Declaration): ts.ImportDeclaration | undefined {
  return ts.findAncestor(declaration, ts.isImportDeclaration);
}

/** A statement of the file itself, or one of the variables that such a statement declares. */
function isOfFile(node: ts.Node): boolean {
  return ts.isSourceFile(ts.isVariableDeclaration(node) ? node.parent.parent.parent : node.parent);
}
