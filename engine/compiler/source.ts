import { relative, resolve, sep } from "node:path";
import ts from "typescript";

/**
 * What the compiler asks of TypeScript: this file makes the one Program of all flow files and is the only one that
 * reads from disk. The options are fixed, so that a flow means the same wherever it is compiled.
 */
export interface Source {
  /** A file by its path below the root, `functions/git/flows.ts`. */
  file(path: string): ts.SourceFile | undefined;
  /** The path below the root of the file that a node stands in. */
  path(node: ts.Node): string;
  /** Where TypeScript cannot parse the file. */
  syntaxErrors(file: ts.SourceFile): readonly SourceError[];
  /** Where the types of the file do not fit, and the names that it does not know. */
  typeErrors(file: ts.SourceFile): readonly SourceError[];
  /** What an identifier, a property or an import names, imports followed to their end. */
  symbol(node: ts.Node): ts.Symbol | undefined;
  /** Where an identifier is declared; for an imported name, the import. */
  declarations(node: ts.Identifier): readonly ts.Declaration[];
  /** The kinds of JSON value that an expression can have where it stands, narrowing included. */
  kinds(node: ts.Node): Kinds;
  /** The value of an expression whose type is one literal. */
  literal(node: ts.Node): string | number | boolean | undefined;
  /** The members of an object-typed node. */
  members(node: ts.Node): readonly { readonly name: string; readonly maybe: boolean }[];
}

export interface SourceError {
  readonly offset: number;
  /** TypeScript's number of it. */
  readonly code: number;
  readonly message: string;
}

export type Kind = "string" | "number" | "boolean" | "null" | "undefined" | "array" | "object" | "unknown";
export type Kinds = ReadonlySet<Kind>;

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024,
  lib: ["lib.es2024.d.ts", "lib.esnext.disposable.d.ts", "lib.esnext.error.d.ts"],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  noEmit: true,
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  allowUnreachableCode: false,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  types: [],
};

/** One Program over the given files, whose paths are below `root`. */
export function openSource(root: string, paths: readonly string[]): Source {
  const program = ts.createProgram({ rootNames: paths.map((path) => resolve(root, path)), options: OPTIONS });
  const checker = program.getTypeChecker();
  return {
    file: (path) => program.getSourceFile(resolve(root, path)),
    path: (node) => relative(root, node.getSourceFile().fileName).split(sep).join("/"),
    syntaxErrors: (file) => program.getSyntacticDiagnostics(file).map(errorOf),
    typeErrors: (file) => program.getSemanticDiagnostics(file).map(errorOf),
    symbol: (node) => {
      const own = ownSymbol(checker, node);
      return own !== undefined && own.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(own) : own;
    },
    declarations: (node) => ownSymbol(checker, node)?.declarations ?? [],
    kinds: (node) => kindsOf(checker, checker.getTypeAtLocation(node)),
    literal: (node) => literalOf(checker, checker.getTypeAtLocation(node)),
    members: (node) =>
      checker
        .getTypeAtLocation(node)
        .getProperties()
        .map((member) => {
          const kinds = kindsOf(checker, checker.getTypeOfSymbolAtLocation(member, node));
          return { name: member.name, maybe: kinds.has("undefined") || (member.flags & ts.SymbolFlags.Optional) !== 0 };
        }),
  };
}

function errorOf({ start = 0, code, messageText }: ts.Diagnostic): SourceError {
  return { offset: start, code, message: `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, " ")}` };
}

function ownSymbol(checker: ts.TypeChecker, node: ts.Node): ts.Symbol | undefined {
  return ts.isIdentifier(node) && ts.isShorthandPropertyAssignment(node.parent)
    ? checker.getShorthandAssignmentValueSymbol(node.parent)
    : checker.getSymbolAtLocation(node);
}

function kindsOf(checker: ts.TypeChecker, type: ts.Type): Kinds {
  if (type.isUnion()) return new Set(type.types.flatMap((part) => [...kindsOf(checker, part)]));
  if (type.flags & ts.TypeFlags.TypeParameter) {
    const bound = checker.getBaseConstraintOfType(type);
    return bound === undefined ? new Set<Kind>(["unknown"]) : kindsOf(checker, bound);
  }
  if (type.isIntersection()) {
    const primitive = type.types.map((part) => kindOf(checker, part)).find((kind) => kind !== "object");
    return new Set([primitive ?? "object"]);
  }
  if (type.flags & ts.TypeFlags.Never) return new Set();
  return new Set([kindOf(checker, type)]);
}

function kindOf(checker: ts.TypeChecker, type: ts.Type): Kind {
  const { flags } = type;
  if (flags & ts.TypeFlags.StringLike) return "string";
  if (flags & ts.TypeFlags.NumberLike) return "number";
  if (flags & ts.TypeFlags.BooleanLike) return "boolean";
  if (flags & ts.TypeFlags.Null) return "null";
  if (flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void)) return "undefined";
  if (checker.isArrayType(type) || checker.isTupleType(type)) return "array";
  return flags & ts.TypeFlags.Object && type.getCallSignatures().length === 0 ? "object" : "unknown";
}

function literalOf(checker: ts.TypeChecker, type: ts.Type): string | number | boolean | undefined {
  if (type.isStringLiteral() || type.isNumberLiteral()) return type.value;
  if ((type.flags & ts.TypeFlags.BooleanLiteral) === 0) return undefined;
  return checker.typeToString(type) === "true";
}
