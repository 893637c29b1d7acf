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
  /** The file and what it imports of the project, directly and through others; each is the same object until it changes. */
  filesBehind(file: ts.SourceFile): ReadonlySet<ts.SourceFile>;
  /** Where the types of the file do not fit, and the names that it does not know. */
  typeErrors(file: ts.SourceFile): readonly SourceError[];
  /** What an identifier, a property or an import names, imports followed to their end. */
  symbol(node: ts.Node): ts.Symbol | undefined;
  /** Where an identifier is declared; for an imported name, the import. */
  declarations(node: ts.Identifier): readonly ts.Declaration[];
  /** The kinds of JSON value that an expression can have where it stands, narrowing included. */
  kinds(node: ts.Node): Kinds;
  /** Whether an expression is a promise, or a list of promises. */
  isPromise(node: ts.Node): boolean;
  /** The kinds that the elements of an array can have, or those of one position in elements that are tuples. */
  elements(node: ts.Node, position?: number): Kinds;
  /** The value of an expression whose type is one literal. */
  literal(node: ts.Node): string | number | boolean | undefined;
  /** The classes of the project that extend one, directly or through others. */
  subclasses(base: ts.Symbol): readonly ts.ClassDeclaration[];
  /** Every class of the project. */
  classes(): readonly ts.ClassDeclaration[];
  /** The members of an object-typed node. */
  members(node: ts.Node): readonly { readonly name: string; readonly maybe: boolean }[];
  /** Whether an object may have a member that is there and is undefined. */
  hasUndefined(node: ts.Node): boolean;
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

/** Opens the sources of a project again and again: files that have not changed are parsed once. */
export class Sources {
  readonly #root: string;
  readonly #host = keepingHost();
  #program: ts.Program | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /** One Program over the given files, whose paths are below the root. */
  open(paths: readonly string[]): Source {
    this.#program = ts.createProgram({
      rootNames: paths.map((path) => resolve(this.#root, path)),
      options: OPTIONS,
      host: this.#host,
      ...(this.#program && { oldProgram: this.#program }),
    });
    return sourceOf(this.#root, this.#program);
  }
}

/** What is installed is read once; a file of the project is parsed again where its text is another one. */
function keepingHost(): ts.CompilerHost {
  const host = ts.createCompilerHost(OPTIONS);
  const kept = new Map<string, ts.SourceFile>();
  const getSourceFile: ts.CompilerHost["getSourceFile"] = (name, ...rest) => {
    const known = kept.get(name);
    if (known !== undefined && (INSTALLED.test(name) || host.readFile(name) === known.text)) return known;
    const file = host.getSourceFile(name, ...rest);
    if (file === undefined) kept.delete(name);
    else kept.set(name, file);
    return file;
  };
  return { ...host, getSourceFile, jsDocParsingMode: ts.JSDocParsingMode.ParseNone };
}

const INSTALLED = /\/node_modules\//;

function sourceOf(root: string, program: ts.Program): Source {
  const checker = program.getTypeChecker();
  const imports = importsWith(checker);
  return {
    file: (path) => program.getSourceFile(resolve(root, path)),
    path: (node) => relative(root, node.getSourceFile().fileName).split(sep).join("/"),
    syntaxErrors: (file) => program.getSyntacticDiagnostics(file).map(errorOf),
    filesBehind: (file) => filesBehind(file, imports),
    typeErrors: (file) => program.getSemanticDiagnostics(file).map(errorOf),
    symbol: (node) => {
      const own = ownSymbol(checker, node);
      return own !== undefined && own.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(own) : own;
    },
    declarations: (node) => ownSymbol(checker, node)?.declarations ?? [],
    subclasses: (base) => classesOf(program).filter((declared) => extendsClass(checker, declared, base)),
    classes: () => classesOf(program),
    kinds: (node) => kindsOf(checker, checker.getTypeAtLocation(node)),
    isPromise: (node) => isPromise(checker, checker.getTypeAtLocation(node)),
    elements: (node, position) => elementsOf(checker, checker.getTypeAtLocation(node), position),
    literal: (node) => literalOf(checker, checker.getTypeAtLocation(node)),
    hasUndefined: (node) => hasUndefined(checker, node, checker.getTypeAtLocation(node)),
    members: (node) =>
      checker
        .getTypeAtLocation(node)
        .getProperties()
        .map((member) => {
          const kinds = kindsOf(checker, checker.getTypeOfSymbolAtLocation(member, node));
          return { name: member.name, maybe: kinds.has("undefined") || isOptional(member) };
        }),
  };
}

function hasUndefined(checker: ts.TypeChecker, node: ts.Node, type: ts.Type): boolean {
  if (type.isUnion()) return type.types.some((part) => hasUndefined(checker, node, part));
  const kinds = (member: ts.Symbol): Kinds => kindsOf(checker, checker.getTypeOfSymbolAtLocation(member, node));
  return type.getProperties().some((member) => !isOptional(member) && kinds(member).has("undefined"));
}

function isOptional({ flags }: ts.Symbol): boolean {
  return (flags & ts.SymbolFlags.Optional) !== 0;
}

function filesBehind(
  file: ts.SourceFile,
  imports: (file: ts.SourceFile) => readonly ts.SourceFile[],
): ReadonlySet<ts.SourceFile> {
  const found = new Set([file]);
  // A set is walked to its end while it grows.
  for (const one of found) for (const imported of imports(one)) found.add(imported);
  return found;
}

/** What each file imports of the project, asked of TypeScript once. */
function importsWith(checker: ts.TypeChecker): (file: ts.SourceFile) => readonly ts.SourceFile[] {
  const known = new Map<ts.SourceFile, readonly ts.SourceFile[]>();
  return (file) => {
    const imports = known.get(file) ?? file.statements.flatMap((statement) => importedBy(checker, statement) ?? []);
    known.set(file, imports);
    return imports;
  };
}

function importedBy(checker: ts.TypeChecker, statement: ts.Statement): ts.SourceFile | undefined {
  const names = ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement);
  const module = names ? statement.moduleSpecifier : undefined;
  const imported = module && checker.getSymbolAtLocation(module)?.valueDeclaration;
  return imported !== undefined && ts.isSourceFile(imported) && !INSTALLED.test(imported.fileName)
    ? imported
    : undefined;
}

function classesOf(program: ts.Program): ts.ClassDeclaration[] {
  const files = program.getSourceFiles().filter((file) => !file.isDeclarationFile && !INSTALLED.test(file.fileName));
  return files.flatMap(({ statements }) => statements.filter(ts.isClassDeclaration));
}

function extendsClass(checker: ts.TypeChecker, declared: ts.ClassDeclaration, base: ts.Symbol): boolean {
  const parent = declared.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)?.types[0];
  const named = parent && checker.getSymbolAtLocation(parent.expression);
  const symbol = named && named.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(named) : named;
  if (symbol === undefined) return false;
  if (symbol === base) return true;
  const above = symbol.declarations?.find(ts.isClassDeclaration);
  return above !== undefined && extendsClass(checker, above, base);
}

function errorOf({ start = 0, code, messageText }: ts.Diagnostic): SourceError {
  return { offset: start, code, message: `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, " ")}` };
}

function ownSymbol(checker: ts.TypeChecker, node: ts.Node): ts.Symbol | undefined {
  return ts.isIdentifier(node) && ts.isShorthandPropertyAssignment(node.parent)
    ? checker.getShorthandAssignmentValueSymbol(node.parent)
    : checker.getSymbolAtLocation(node);
}

function isPromise(checker: ts.TypeChecker, type: ts.Type): boolean {
  if (type.isUnion()) return type.types.some((part) => isPromise(checker, part));
  if (!checker.isArrayType(type) && !checker.isTupleType(type)) return type.symbol?.name === "Promise";
  return checker.getTypeArguments(type as ts.TypeReference).some((part) => isPromise(checker, part));
}

function elementsOf(checker: ts.TypeChecker, list: ts.Type, position?: number): Kinds {
  const element = checker.getIndexTypeOfType(checker.getNonNullableType(list), ts.IndexKind.Number);
  const member = position === undefined ? undefined : element?.getProperty(String(position));
  const part = member === undefined ? element : checker.getTypeOfSymbol(member);
  const isKnown = part !== undefined && (member !== undefined) === (position !== undefined);
  return isKnown ? kindsOf(checker, part) : new Set<Kind>(["unknown"]);
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
