import { stripTypeScriptTypes } from "node:module";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as millrace from "../../../../engine/millrace.ts";
import { Compiler } from "../../../../engine/compiler/compile.ts";
import type { CompiledWorkflow } from "../../../../engine/model/compiled.ts";
import { parameterFields } from "../../../../engine/model/schema.ts";
import * as helpers from "./project/functions/fakes/helpers.ts";
import * as models from "./project/functions/fakes/models.ts";
import * as tasks from "./project/functions/fakes/tasks.ts";
import type { Program } from "./print-program.ts";

export type Flow = (parameters: models.Input) => Promise<unknown>;

/** A program as both: what the compiler made of it, and the function that it is. */
export interface Compiled {
  readonly program: Program;
  /** Absent where the compiler refuses it. */
  readonly workflow: CompiledWorkflow | undefined;
  readonly diagnostics: readonly string[];
}

const CHECKOUT = join(import.meta.dirname, "../../../..");
const fields = parameterFields(models.Input);
const parameters = fields.ok ? fields.value : [];

/** Compiles programs, all of one call as one Program of TypeScript. */
export class Workshop {
  readonly #root = mkdtempSync(join(tmpdir(), "millrace-generated-"));
  readonly #compiler = new Compiler(this.#root);

  constructor() {
    cpSync(join(import.meta.dirname, "project"), this.#root, { recursive: true });
    mkdirSync(join(this.#root, "functions/programs"));
    mkdirSync(join(this.#root, "node_modules"));
    symlinkSync(CHECKOUT, join(this.#root, "node_modules/millrace"));
    symlinkSync(join(CHECKOUT, "node_modules/zod"), join(this.#root, "node_modules/zod"));
    writeFileSync(join(this.#root, "package.json"), '{ "type": "module" }\n');
  }

  /** One that the compiler breaks on is found by halves. */
  compile(programs: readonly Program[]): Compiled[] {
    try {
      return this.#compile(programs);
    } catch (error) {
      const [program] = programs;
      if (programs.length === 1 && program) return [{ program, workflow: undefined, diagnostics: [String(error)] }];
      const half = Math.ceil(programs.length / 2);
      return [...this.compile(programs.slice(0, half)), ...this.compile(programs.slice(half))];
    }
  }

  #compile(programs: readonly Program[]): Compiled[] {
    const workflows = programs.map(({ source }, index) => {
      const name = `program-${index}`;
      writeFileSync(join(this.#root, "functions/programs", `${name}.ts`), source);
      return { name, module: `programs/${name}`, function: "program", parameters, timeoutSeconds: 3600, events: [] };
    });
    const compiled = this.#compiler.compile(workflows);
    const byName = new Map(compiled.workflows.map((workflow) => [workflow.name, workflow]));
    return programs.map((program, index) => {
      const name = `program-${index}`;
      const own = compiled.diagnostics.filter(({ file }) => file.endsWith(`/${name}.ts`));
      const diagnostics = own.map(({ code, line, message }) => `${code} at line ${line}: ${message}`);
      return { program, workflow: byName.get(name), diagnostics };
    });
  }

  close(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** What programs import, by its name. */
const IMPORTED: { readonly [name: string]: unknown } = { ...millrace, ...helpers, ...models, ...tasks };

/** The function of a program, which tells `spend` what it would cost. */
export function flowOf({ priced }: Program, spend: (transitions: number) => void): Flow {
  const text = stripTypeScriptTypes(priced).replace("export async function program", "return async function program");
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- a program that was generated as text
  const program = new Function("spend", ...Object.keys(IMPORTED), text) as (...given: readonly unknown[]) => Flow;
  return program(spend, ...Object.values(IMPORTED));
}
