import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInThisContext } from "node:vm";
import fc from "fast-check";
import ts from "typescript";
import { Diagnostics } from "../../../engine/compiler/diagnostics.ts";
import type { Expression } from "../../../engine/compiler/expression.ts";
import { lowerFlow } from "../../../engine/compiler/lower.ts";
import { TaskTable } from "../../../engine/compiler/lowering.ts";
import { parseFlow } from "../../../engine/compiler/parse.ts";
import { Sources } from "../../../engine/compiler/source.ts";
import { formatDiagnostic } from "../../../engine/model/compiled.ts";
import { PARAMETERS, SOURCES } from "./sample-sources.ts";

type Name = keyof typeof PARAMETERS;

export interface Sample {
  readonly source: string;
  /** Values of the parameters that it reads. */
  readonly values: fc.Arbitrary<{ readonly [name: string]: unknown }>;
  /** What the compiler makes of it; it reads parameters of the run. */
  readonly expression: Expression;
  readonly js: (values: { readonly [name: string]: unknown }) => unknown;
}

/** The samples, compiled up to the expression that is printed. */
export function samples(): readonly Sample[] {
  const root = mkdtempSync(join(tmpdir(), "millrace-samples-"));
  try {
    mkdirSync(join(root, "functions/samples"), { recursive: true });
    writeFileSync(join(root, "functions/samples/flows.ts"), SOURCES.map(flowOf).join(""));
    const path = "functions/samples/flows.ts";
    const source = new Sources(root).open([path]);
    const diagnostics = new Diagnostics(source);
    const project = { source, diagnostics, tasks: new TaskTable(), workflows: undefined };
    const compiled = SOURCES.map((text, index): Sample => {
      const flow = parseFlow(source, diagnostics, path, `sample${index}`);
      const fields = namesIn(text).map((name) => ({ name, required: true }));
      const node = flow && lowerFlow(project, flow, fields, undefined).entry.to;
      if (node?.kind !== "return") throw new Error(`${text} is no expression`);
      const values = fc.record(Object.fromEntries(namesIn(text).map((name) => [name, PARAMETERS[name][1]])));
      return { source: text, values, expression: node.value, js: nativeOf(text) };
    });
    if (diagnostics.found.length > 0) throw new Error(diagnostics.found.map(formatDiagnostic).join("\n"));
    return compiled;
  } finally {
    rmSync(root, { recursive: true });
  }
}

function namesIn(source: string): Name[] {
  const names = Object.keys(PARAMETERS) as Name[];
  return names.filter((name) => new RegExp(`(?<![\\w"]|(?<!\\.\\.)\\.)${name}(?![\\w"])`).test(source));
}

function flowOf(source: string, index: number): string {
  const names = namesIn(source);
  const types = names.map((name) => `${name}: ${PARAMETERS[name][0]}`);
  const given = names.length === 0 ? "" : `{ ${names.join(", ")} }: { ${types.join("; ")} }`;
  return `export async function sample${index}(${given}): Promise<unknown> {\n  return ${source};\n}\n`;
}

function nativeOf(source: string): Sample["js"] {
  const names = namesIn(source);
  const text = ts.transpile(`(${names.join(", ")}) => (${source})`, { target: ts.ScriptTarget.ESNext });
  const fn = runInThisContext(text) as (...given: unknown[]) => unknown;
  return (values) => fn(...names.map((name) => values[name]));
}
