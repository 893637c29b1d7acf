import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * Who may import what: a module may import itself and what is listed. `type:` is a type-only import. A package ends
 * with `*` where its family is meant; `node:*` stands for Node's own modules, which everything but `models` may use.
 */
const TABLE: { readonly [module: string]: readonly string[] } = {
  "engine/model": ["zod", "croner"],
  "engine/compiler": ["engine/model", "typescript", "jsonata"],
  "engine/store": ["engine/model"],
  "engine/coordination": ["engine/model", "engine/store"],
  "engine/client": ["engine/model", "engine/store", "engine/coordination"],
  "engine/runtime": ["engine/model", "engine/store", "engine/coordination", "engine/client"],
  "engine/local": [
    "engine/model",
    "engine/compiler",
    "engine/store",
    "engine/coordination",
    "engine/client",
    "engine/runtime",
    "jsonata",
    "croner",
  ],
  "engine/aws": [
    "engine/model",
    "engine/store",
    "engine/coordination",
    "engine/runtime",
    "engine/client",
    "@aws-sdk/*",
    "@aws-lambda-powertools/*",
    "type:aws-lambda",
  ],
  "engine/cli": ["engine/*", "catalogue", "functions/git/sample-repository", "commander"],
  "engine/testing": [
    "engine/model",
    "engine/compiler",
    "engine/store",
    "engine/coordination",
    "engine/runtime",
    "engine/client",
    "engine/local",
  ],
  "engine/millrace": ["engine/model", "engine/store", "engine/coordination", "engine/runtime", "engine/client"],
  "functions/*/models": ["zod", "functions/*/models"],
  catalogue: ["engine/model", "zod", "functions/*/models", "type:functions/*/flows"],
  functions: ["catalogue", "millrace", "functions", "zod", "es-git-linux-x64-gnu"],
  infra: ["catalogue", "engine/model", "engine/compiler", "aws-cdk-lib", "constructs", "cdk-nag", "esbuild"],
};

/**
 * Only `engine/runtime/load.ts` loads code by name; a command loads its own body, a domain its native git, and the CDK
 * app the catalogue once it has named the stack.
 */
const DYNAMIC_IMPORTS = ["engine/runtime/load.ts", "engine/cli/", "functions/git/", "infra/app.ts"];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
  readonly dynamic: boolean;
}

const FILES = ["engine", "functions", "catalogue", "infra"].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `${folder}/${file}`),
);

/** The longest key of the table that the file lies under. */
function moduleOf(file: string): string {
  const path = file.replace(/\.ts$/, "");
  if (/^functions\/[^/]+\/models$/.test(path)) return "functions/*/models";
  if (/^functions\/[^/]+\/flows$/.test(path)) return "functions/*/flows";
  if (path === "functions/git/sample-repository") return path;
  const parts = path.split("/");
  return parts[0] === "engine" ? parts.slice(0, 2).join("/") : (parts[0] ?? "");
}

function importsOf(file: string): Import[] {
  const source = ts.createSourceFile(file, readFileSync(join(ROOT, file), "utf8"), ts.ScriptTarget.Latest);
  const found: Import[] = [];
  const add = (specifier: string, typeOnly: boolean, dynamic: boolean): void => {
    const to = specifier.startsWith(".") ? normalize(join(dirname(file), specifier)) : specifier;
    found.push({ from: file, to, typeOnly, dynamic });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      add(node.moduleSpecifier.text, isTypeOnly(node.importClause), false);
    } else if (
      ts.isExportDeclaration(node) &&
      node.moduleSpecifier !== undefined &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      add(node.moduleSpecifier.text, node.isTypeOnly, false);
    } else if (
      ts.isImportTypeNode(node) &&
      ts.isLiteralTypeNode(node.argument) &&
      ts.isStringLiteral(node.argument.literal)
    ) {
      add(node.argument.literal.text, true, false);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      add(argument !== undefined && ts.isStringLiteral(argument) ? argument.text : "(computed)", false, true);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = clause.namedBindings;
  return (
    clause.name === undefined &&
    named !== undefined &&
    ts.isNamedImports(named) &&
    named.elements.length > 0 &&
    named.elements.every((element) => element.isTypeOnly)
  );
}

function allowed({ from, to, typeOnly }: Import): boolean {
  const module = moduleOf(from);
  const rules =
    TABLE[module === "functions/*/flows" || module === "functions/git/sample-repository" ? "functions" : module] ?? [];
  const isFile = to.endsWith(".ts");
  const target = isFile ? moduleOf(to) : to;
  if (isFile && target === module) return true;
  if (!isFile && (to.startsWith("node:") || builtinModules.includes(to))) return module !== "functions/*/models";
  return rules.some((rule) => {
    const types = rule.startsWith("type:");
    if (types && !typeOnly) return false;
    const pattern = types ? rule.slice("type:".length) : rule;
    if (pattern === target || (!isFile && target.startsWith(`${pattern}/`))) return true;
    if (pattern === "functions" && target.startsWith("functions/")) return true;
    return pattern.endsWith("/*") && target.startsWith(pattern.slice(0, -1));
  });
}

describe("the architecture", () => {
  const imports = FILES.flatMap(importsOf);

  it("has only arrows that the table allows", () => {
    const refused = imports.filter((one) => !one.dynamic && !allowed(one));
    expect(refused.map(({ from, to, typeOnly }) => `${from} → ${to}${typeOnly ? " (type)" : ""}`)).toEqual([]);
  });

  it("loads code by name in one place only", () => {
    const elsewhere = imports.filter(
      (one) => one.dynamic && !DYNAMIC_IMPORTS.some((place) => one.from.startsWith(place)),
    );
    expect(elsewhere.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it("has no cycle between modules", () => {
    const edges = new Map<string, Set<string>>();
    for (const { from, to, typeOnly } of imports) {
      if (!typeOnly && to.endsWith(".ts"))
        edges.set(moduleOf(from), (edges.get(moduleOf(from)) ?? new Set()).add(moduleOf(to)));
    }
    const done = new Set<string>();
    const cycles: string[] = [];
    const walk = (module: string, path: readonly string[]): void => {
      if (path.includes(module)) cycles.push([...path.slice(path.indexOf(module)), module].join(" → "));
      if (done.has(module) || path.includes(module)) return;
      for (const next of edges.get(module) ?? []) if (next !== module) walk(next, [...path, module]);
      done.add(module);
    };
    for (const module of edges.keys()) walk(module, []);
    expect(cycles).toEqual([]);
  });

  it("has no file above 300 lines, no barrel, no junk drawer, no default export", () => {
    const wrong = FILES.filter((file) => {
      const text = readFileSync(join(ROOT, file), "utf8");
      const name = file.split("/").at(-1) ?? "";
      const barrel = name === "index.ts" && file !== "catalogue/index.ts";
      const drawer = ["utils.ts", "helpers.ts", "types.ts", "common.ts"].includes(name);
      return text.split("\n").length > 301 || barrel || drawer || /^export default/m.test(text);
    });
    expect(wrong).toEqual([]);
  });

  it("asks the clock and chance only where a platform starts", () => {
    const direct = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\brandomUUID\(|\brandomBytes\(/;
    const inside = FILES.filter((file) =>
      /^(engine\/(model|compiler|store|coordination|client|runtime)|functions)\//.test(file),
    );
    expect(inside.filter((file) => direct.test(readFileSync(join(ROOT, file), "utf8")))).toEqual([]);
  });
});
