import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { connect } from "../../../engine/client/connect.ts";
import { local } from "../../../engine/local/local.ts";
import type { JsonObject } from "../../../engine/model/json.ts";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";

/**
 * A project that is watched, in a process of its own, since the test runner loads modules its own way:
 * `watched.ts <empty folder>` prints what came of each change, as JSON.
 */
const CHECKOUT = dirname(dirname(dirname(import.meta.dirname)));

const TASKS = (answer: string) => `
import { task } from "millrace";
import * as z from "zod";
import { SUFFIX } from "./suffix.ts";
const gates = globalThis as { gate?: Promise<void>; entered?: () => void };
export const wait = task({ name: "wait", input: z.null(), output: z.null() }, async () => (gates.entered?.(), await gates.gate, null));
export const answer = task({ name: "answer", input: z.null(), output: z.string() }, () => "${answer}" + SUFFIX);
`;
const FLOW = (before: string) => `
import { answer, wait } from "./tasks.ts";
export async function ask(parameters: { readonly name: string }): Promise<string> {
  await wait(null);
  const given = await answer(null);
  return \`${before} \${parameters.name} \${given}\`;
}
`;
const CATALOGUE = (name: string) => `
import { defineWorkflow } from "millrace";
import * as z from "zod";
declare module "millrace" { interface FlowModules { "words/flows": typeof import("../functions/words/flows.ts") } }
export const ASK = defineWorkflow({ name: "${name}", module: "words/flows", function: "ask",
  parameters: z.object({ name: z.string() }), result: z.string() });
`;
const INDEX = `import { ASK } from "./words.ts";\nexport const WORKFLOWS = [ASK];\n`;

interface Change {
  readonly workflows?: readonly WorkflowDefinition[];
  readonly error?: unknown;
}

/** A project that is watched, and what is told of each change. */
async function watched() {
  const [root = ""] = process.argv.slice(2);
  const save = (file: string, text: string): void => writeFileSync(join(root, file), text);
  for (const folder of ["catalogue", "functions/words", "node_modules"])
    mkdirSync(join(root, folder), { recursive: true });
  symlinkSync(CHECKOUT, join(root, "node_modules/millrace"));
  symlinkSync(join(CHECKOUT, "node_modules/zod"), join(root, "node_modules/zod"));
  save("package.json", `{ "type": "module" }`);
  save("functions/words/suffix.ts", `export const SUFFIX = "";`);
  save("functions/words/tasks.ts", TASKS("one"));
  save("functions/words/flows.ts", FLOW("hello"));
  save("catalogue/words.ts", CATALOGUE("ask"));
  save("catalogue/index.ts", INDEX);
  const platform = local({ root, directory: join(root, ".millrace") });
  let next = Promise.withResolvers<Change>();
  const tell = (change: Change): void => {
    next.resolve(change);
    next = Promise.withResolvers<Change>();
  };
  await platform.start({ onChange: (workflows) => tell({ workflows }), onError: (error) => tell({ error }) });
  const { WORKFLOWS } = (await import(join(root, "catalogue/index.ts"))) as {
    readonly WORKFLOWS: WorkflowDefinition[];
  };
  let workflows = WORKFLOWS;
  const run = connect(platform);
  return {
    platform,
    /** Saves a file; answers what the platform says of it. */
    async change(file: string, text: string): Promise<Change> {
      const told = next.promise;
      save(file, text);
      const change = await told;
      if (change.workflows !== undefined) workflows = [...change.workflows];
      return change;
    },
    ask: (parameters: JsonObject = { name: "you" }) =>
      run.executeWorkflow(workflows[0] as WorkflowDefinition, { parameters }),
  };
}

const gates = globalThis as { gate?: Promise<void>; entered?: () => void };
const project = await watched();
const told: unknown[] = [];

told.push(await project.ask());
await project.change("functions/words/flows.ts", FLOW("good day"));
told.push(await project.ask());
await project.change("functions/words/tasks.ts", TASKS("two"));
told.push(await project.ask());
await project.change("functions/words/suffix.ts", `export const SUFFIX = "!";`);
told.push(await project.ask());
const { workflows } = await project.change("catalogue/words.ts", CATALOGUE("question"));
told.push(
  workflows?.map(({ name }) => name),
  await project.ask(),
);

const { error } = await project.change("functions/words/flows.ts", "export async function ask( {");
told.push((error as Error).message, await project.ask());
await project.change("functions/words/flows.ts", FLOW("again"));

const gate = Promise.withResolvers<void>();
const entered = new Promise<void>((resolve) => (gates.entered = resolve));
gates.gate = gate.promise;
const before = project.ask();
await entered;
await project.change("functions/words/tasks.ts", TASKS("three"));
const after = project.ask();
gate.resolve();
told.push(await before, await after);

await project.platform.close();
console.log(JSON.stringify(told));
