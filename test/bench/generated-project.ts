import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const CHECKOUT = dirname(dirname(import.meta.dirname));
const DOMAINS = 5;
const TASKS = ["first", "second", "third", "fourth", "fifth"];

/**
 * Writes a project into an empty folder: workflows of 15 steps each (twelve tasks, a choice, a loop, a caught error), in five
 * domains of five tasks.
 */
export function writeProject(root: string, workflows: number): void {
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  mkdirSync(join(root, "node_modules"));
  for (const name of ["zod", "aws-cdk-lib", "constructs", "esbuild"]) {
    symlinkSync(join(CHECKOUT, "node_modules", name), join(root, "node_modules", name));
  }
  symlinkSync(CHECKOUT, join(root, "node_modules/millrace"));
  write("package.json", `{ "type": "module" }\n`);
  for (let domain = 0; domain < DOMAINS; domain += 1) write(`functions/domain${domain}/tasks.ts`, tasks());
  const names = Array.from({ length: workflows }, (_, index) => index);
  for (const index of names) write(`functions/domain${index % DOMAINS}/flow${index}.ts`, flow(index));
  for (const index of names) write(`catalogue/workflow${index}.ts`, entry(index));
  write("catalogue/flows.ts", flowModules(names));
  const imports = names.map((index) => `import { WORKFLOW_${index} } from "./workflow${index}.ts";\n`);
  const list = names.map((index) => `WORKFLOW_${index}`).join(", ");
  write("catalogue/index.ts", `import "./flows.ts";\n${imports.join("")}\nexport const WORKFLOWS = [${list}];\n`);
}

/** The file of one workflow's flow, below the root. */
export function flowFile(index: number): string {
  return `functions/domain${index % DOMAINS}/flow${index}.ts`;
}

function tasks(): string {
  const declared = TASKS.map(
    (name) => `
export const ${name} = task(
  { name: "${name}", input: z.object({ name: z.string(), count: z.number() }), output: Answer, retries: 2 },
  ({ name, count }) => ({ name, ready: count > 0, parts: [name] }),
);`,
  );
  return `import { task } from "millrace";
import * as z from "zod";

const Answer = z.object({ name: z.string(), ready: z.boolean(), parts: z.array(z.string()) });
${declared.join("\n")}
`;
}

function flow(index: number): string {
  const step = (at: number): string =>
    `  const answer${at} = await ${TASKS[(index + at) % TASKS.length]}({ name: ${at === 0 ? "name" : `answer${at - 1}.name`}, count });`;
  return `import { ${TASKS.join(", ")} } from "./tasks.ts";

export async function run({ name, count }: { readonly name: string; readonly count: number }): Promise<string> {
${Array.from({ length: 8 }, (_, at) => step(at)).join("\n")}
  if (answer7.ready) await first({ name: \`\${answer7.name} is ready\`, count });
  else await second({ name: answer7.name, count });
  for (const part of answer7.parts) await third({ name: part, count });
  try {
    await fourth({ name: answer3.name, count });
  } catch (error) {
    await fifth({ name: (error as Error).message, count });
  }
  return answer7.name;
}
`;
}

function entry(index: number): string {
  return `import { defineWorkflow } from "millrace";
import * as z from "zod";

export const WORKFLOW_${index} = defineWorkflow({
  name: "workflow-${index}",
  module: "domain${index % DOMAINS}/flow${index}",
  function: "run",
  parameters: z.object({ name: z.string(), count: z.number() }),
  result: z.string(),
});
`;
}

function flowModules(names: readonly number[]): string {
  const members = names.map(
    (index) =>
      `    "domain${index % DOMAINS}/flow${index}": typeof import("../functions/domain${index % DOMAINS}/flow${index}.ts");`,
  );
  return `declare module "millrace" {\n  interface FlowModules {\n${members.join("\n")}\n  }\n}\n\nexport {};\n`;
}
