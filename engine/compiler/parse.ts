import ts from "typescript";
import type { ParameterField } from "../model/schema.ts";
import type { Diagnostics } from "./diagnostics.ts";
import type { Expression, Member } from "./expression.ts";
import type { Source } from "./source.ts";
import { reportTypeErrors } from "./type-errors.ts";

/** A flow as it stands in its file. */
export interface Flow {
  /** `functions/git/flows.ts` */
  readonly path: string;
  /** The folder under `functions/`. */
  readonly domain: string;
  readonly declaration: ts.FunctionDeclaration & { readonly body: ts.Block };
  /** The one parameter, where the flow takes it. */
  readonly parameter: ts.ParameterDeclaration | undefined;
}

/** Finds a flow and checks its signature; what is wrong with either is reported. */
export function parseFlow(source: Source, diagnostics: Diagnostics, path: string, name: string): Flow | undefined {
  const file = source.file(path);
  if (file === undefined) {
    diagnostics.reportAt("fileMissing", path, undefined, 0, path);
    return undefined;
  }
  const unparsed = source.syntaxErrors(file);
  for (const { offset, message } of unparsed) diagnostics.reportAt("typeError", path, file, offset, message);
  if (unparsed.length > 0) return undefined;
  const declaration = file.statements.find((node) => declares(node, name));
  if (declaration === undefined || !isFlow(declaration)) {
    diagnostics.reportAt("flowMissing", path, file, declaration?.getStart(file) ?? 0, name);
    return undefined;
  }
  reportTypeErrors(source, diagnostics, declaration);
  const [parameter, second] = declaration.parameters;
  const problem = signatureProblem(source, parameter, second);
  if (problem !== undefined) {
    diagnostics.report("signature", second ?? parameter ?? declaration, problem);
    return undefined;
  }
  return { path, domain: path.split("/")[1] ?? "", declaration, parameter };
}

function declares(node: ts.Statement, name: string): boolean {
  if (ts.isFunctionDeclaration(node)) return node.name?.text === name;
  return ts.isVariableStatement(node) && node.declarationList.declarations.some((one) => one.name.getText() === name);
}

function isFlow(node: ts.Statement): node is ts.FunctionDeclaration & { readonly body: ts.Block } {
  if (!ts.isFunctionDeclaration(node) || node.body === undefined || node.asteriskToken !== undefined) return false;
  const has = (kind: ts.SyntaxKind) => node.modifiers?.some((modifier) => modifier.kind === kind) === true;
  return has(ts.SyntaxKind.ExportKeyword) && has(ts.SyntaxKind.AsyncKeyword) && !has(ts.SyntaxKind.DefaultKeyword);
}

function signatureProblem(
  source: Source,
  parameter: ts.ParameterDeclaration | undefined,
  second: ts.ParameterDeclaration | undefined,
): string | undefined {
  if (parameter === undefined) return undefined;
  if (second !== undefined) return "this one takes several";
  if (parameter.dotDotDotToken !== undefined) return "this one takes a list";
  if (parameter.initializer !== undefined || parameter.questionToken !== undefined) return "this one may be left out";
  const kinds = source.kinds(parameter.name);
  return kinds.size === 1 && kinds.has("object") ? undefined : "the type of this one is not an object";
}

/**
 * The parameters as one object, each read from the execution's input, so that the reserved key stays out of it.
 * @param fields Those of the workflow's schema; without one the function's own type says what there is.
 */
export function parametersOf(source: Source, flow: Flow, fields: readonly ParameterField[] | undefined): Expression {
  const declared = flow.parameter === undefined ? [] : source.members(flow.parameter.name);
  const members = fields?.map(fieldMember) ?? declared.map(({ name, maybe }) => parameterMember(name, maybe));
  return { kind: "object", members };
}

function fieldMember(field: ParameterField): Member {
  if (field.default === undefined) return parameterMember(field.name, !field.required);
  const value: Expression = { kind: "parameter", name: field.name, maybe: false, default: field.default };
  return { key: field.name, value, maybe: false };
}

function parameterMember(name: string, maybe: boolean): Member {
  return { key: name, value: { kind: "parameter", name, maybe }, maybe };
}
