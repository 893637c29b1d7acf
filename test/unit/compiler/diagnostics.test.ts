import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { compileCatalogue } from "../../../engine/compiler/compile.ts";
import { MISTAKES } from "../../../engine/compiler/mistakes.ts";
import { type Diagnostic, formatDiagnostic } from "../../../engine/model/compiled.ts";
import type { WorkflowSource } from "../../../engine/model/workflow.ts";
import { ROOT } from "./flows.ts";

const MODULES = [
  "broken/statements",
  "broken/expressions",
  "broken/children",
  "broken/a-statements",
  "broken/b-forms",
  "broken/c-joins",
  "broken/d-consequences",
  "broken/p-bounds",
  "broken/s-language",
  "broken/w-waits",
];
/** Listed, so that those flows may start it. */
const CHILD = { name: "child", module: "orders/children", function: "child", parameters: [] };

const PARAMETERS = ["id", "ids", "any", "n", "tags"].map((name) => ({ name, required: true }));

function sourcesOf(root: string, module: string): WorkflowSource[] {
  const text = readFileSync(join(root, `functions/${module}.ts`), "utf8");
  const names = [...text.matchAll(/^export (?:async function|const(?= arrow)) (\w+)/gm)].map(([, name = ""]) => name);
  return names.map((name) => ({ name, module, function: name, parameters: PARAMETERS }));
}

/** A comment `// ^ MR010` says what the line above it has at the caret, `// ~ MR010` what that has at its begin. */
function expectedIn(path: string): string[] {
  let above = { line: 0, text: "" };
  const lines = readFileSync(join(ROOT, path), "utf8").split("\n");
  return lines.flatMap((text, at) => {
    const marks = [...text.matchAll(/([~^]) (MR\d{3})/g)];
    if (marks.length === 0) above = { line: at + 1, text };
    return marks.map(({ index, 1: mark, 2: code }) => {
      const column = mark === "^" ? index : above.text.search(/\S/);
      return `${path}:${above.line}:${column + 1} ${code}`;
    });
  });
}

const { workflows, diagnostics } = compileCatalogue({
  root: ROOT,
  workflows: [CHILD, ...MODULES.flatMap((module) => sourcesOf(ROOT, module))],
});
const shown = ({ file, line, column, code }: Diagnostic) => `${file}:${line}:${column} ${code}`;

const temporary = mkdtempSync(join(tmpdir(), "millrace-compiler-"));
afterAll(() => rmSync(temporary, { recursive: true }));

/** Mistakes that no file of the fixture can have: it would not type-check, or be too long to read. */
function compileAlone(text: string, name = "flow"): readonly Diagnostic[] {
  mkdirSync(join(temporary, "functions/alone"), { recursive: true });
  writeFileSync(join(temporary, "functions/alone/flows.ts"), text);
  const source = { name, module: "alone/flows", function: name, parameters: [] };
  return compileCatalogue({ root: temporary, workflows: [source] }).diagnostics;
}

describe("Each mistake is reported where it stands", () => {
  it("in the fixture", () => {
    const files = [...MODULES, "broken/tasks", "lock/tasks"].map((module) => `functions/${module}.ts`);
    const found = diagnostics.filter(({ code }) => code !== MISTAKES.flowMissing.code).map(shown);
    expect(found.sort()).toEqual(files.flatMap(expectedIn).sort());
    expect(workflows.map(({ name }) => name)).toEqual([CHILD.name]);
  });

  it("where a flow is no async function", () => {
    const [missing] = diagnostics.filter(({ code }) => code === MISTAKES.flowMissing.code);
    expect(missing?.message).toBe("arrow is not an exported async function of this file.");
  });

  it("where a file is missing", () => {
    const source = { name: "gone", module: "gone/flows", function: "gone", parameters: [] };
    expect(compileCatalogue({ root: temporary, workflows: [source] }).diagnostics.map(shown)).toEqual([
      "functions/gone/flows.ts:1:1 MR001",
    ]);
  });

  it("where TypeScript itself finds an error", () => {
    const text = "export async function flow(): Promise<number> {\n  return 'a';\n}\n";
    expect(compileAlone(text)).toEqual([
      {
        code: "MR003",
        file: "functions/alone/flows.ts",
        line: 2,
        column: 3,
        message: "TS2322: Type 'string' is not assignable to type 'number'.",
        fix: MISTAKES.typeError.fix,
        source: "  return 'a';",
      },
    ]);
  });

  const MISTYPED = [
    'import { existsSync } from "node:fs";',
    'import { gone, alsoGone } from "./gone.ts";',
    "const PORT: string = 80;",
    "const UNUSED: string = 80;",
    "export async function flow({ id }: { id: string }): Promise<unknown> {",
    "  console.log(PORT, existsSync(id), gone);",
    "  while (id) process.exit(repositry);",
    "  const count: number = id;",
    "  for (const one of id.nope) await Promise.all(one);",
    "  switch (count) {}",
    "  return Math.random();",
    "}",
    "export async function other(): Promise<number> {",
    "  return UNUSED;",
    "}",
  ].join("\n");

  it("with all others of the flow, and none of what it does not use, where types are wrong too", () => {
    const found = compileAlone(MISTYPED).map(({ line, code, message }) => `${line} ${code} ${message}`);
    expect(found.sort()).toEqual(
      [
        "2 MR005 TS2307: Cannot find module './gone.ts' or its corresponding type declarations.",
        "3 MR003 TS2322: Type 'number' is not assignable to type 'string'.",
        "6 MR014 A flow has no `existsSync`.",
        "6 MR015 A flow has no `console`: nothing runs between its tasks that could write.",
        "7 MR014 A flow has no `process`.",
        "7 MR014 A flow has no `repositry`.",
        "8 MR003 TS2322: Type 'string' is not assignable to type 'number'.",
        "9 MR005 TS2339: Property 'nope' does not exist on type 'string'.",
        "11 MR016 `Math.random` is another value each time it is asked for.",
      ].sort(),
    );
  });

  it("where the function is missing, before anything else", () => {
    expect(compileAlone(MISTYPED, "missing").map(shown)).toEqual(["functions/alone/flows.ts:1:1 MR002"]);
  });

  it("where the file cannot be parsed, alone", () => {
    expect(compileAlone("export async function flow( {\n  console.log(1);\n").map(({ code }) => code)).toContain(
      "MR003",
    );
  });

  it("in each flow that shares one", () => {
    const shared = "const ALL = 1 / 0;\n";
    const flows = ["a", "b"].map((name) => `export async function ${name}(): Promise<number> {\n  return ALL;\n}\n`);
    compileAlone([shared, ...flows].join(""), "a");
    const workflows = ["a", "b"].map((name) => ({ name, module: "alone/flows", function: name, parameters: [] }));
    const compiled = compileCatalogue({ root: temporary, workflows });
    expect(compiled.workflows).toEqual([]);
    expect(compiled.diagnostics.map(shown)).toEqual(["functions/alone/flows.ts:1:13 MR053"]);
  });

  it("where an expression nests too deep", () => {
    const deep = `${"a === 1 ? 2 : ".repeat(90)}3`;
    const found = compileAlone(
      `export async function flow({ a }: { a: number }): Promise<number> {\n  return ${deep};\n}\n`,
    );
    expect(found.map(shown)).toEqual(["functions/alone/flows.ts:2:3 MR090"]);
    expect(found[0]?.message).toMatch(/nests \d+ levels deep, and Step Functions takes 80/);
  });

  it("where the machine is too large", () => {
    const found = compileAlone(
      `export async function flow(): Promise<string> {\n  return "${"x".repeat(1_100_000)}";\n}\n`,
    );
    expect(found.map(shown)).toEqual(["functions/alone/flows.ts:1:1 MR091"]);
  });
});

describe("The table of mistakes", () => {
  it("has each code once, and a rewrite for each", () => {
    const codes = Object.values(MISTAKES).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const { message, fix } of diagnostics) {
      expect(message).not.toContain("{}");
      expect(fix).toMatch(/^[A-Z].*\.$/);
    }
  });

  it("is shown with the line and a caret", () => {
    const found = diagnostics.find(({ code, line }) => code === "MR041" && line === 28);
    expect(found && formatDiagnostic(found)).toBe(
      [
        "functions/broken/expressions.ts:28:11 MR041 A flow does not compute with `**`.",
        "    return [n ** 2, id + [id], ~n];",
        "            ^",
        `    ${MISTAKES.arithmetic.fix}`,
      ].join("\n"),
    );
  });
});
