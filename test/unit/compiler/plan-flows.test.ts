import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { compileCatalogue } from "../../../engine/compiler/compile.ts";
import { planCatalogue } from "../../../engine/compiler/plan-catalogue.ts";
import { sourceOf, type WorkflowDefinition } from "../../../engine/model/workflow.ts";
import { workflow } from "../coordination/definitions.ts";

const deep = (levels: number): string => `${"(1 + ".repeat(levels)}count${")".repeat(levels)}`;
const LONG = "n".repeat(76);
const LONGER = "n".repeat(82);

/** Flows of which one comes near a limit, and another one exceeds it. */
const FLOWS = `import { executeWorkflow, mapAll, sleep } from "millrace";
import { SLOW, TIMELESS } from "./children.ts";
import { step, ${LONG}, ${LONGER} } from "./tasks.ts";
interface Input { readonly names: string[]; readonly count: number }
/** Just below the events for which a list is distributed. */
export async function nearEvents({ names }: Input): Promise<void> {
  /** @items 3500 */
  for (const name of names) await step(name);
}
export async function overEvents(): Promise<void> {
  let answer = "";
  /** @turns 4000 */
  while (answer !== "done") answer = await step(answer);
}
export async function unknownEvents({ names }: Input): Promise<void> {
  for (const name of names) await step(name);
}
export async function nearPayload(): Promise<void> { await step("${"x".repeat(240_000)}"); }
export async function nearDefinition(): Promise<void> { await step("${"x".repeat(900_000)}"); }
export async function overDefinition(): Promise<void> { await step("${"x".repeat(1_050_000)}"); }
export async function wideMap({ names }: Input): Promise<void> {
  /** @items 60 */
  await Promise.all(names.map((name) => step(name)));
}
export async function narrowMap({ names }: Input): Promise<void> {
  /** @items 9 */
  await Promise.all(names.map((name) => step(name)));
}
export async function limitedMap({ names }: Input): Promise<void> {
  /** @items 60 */
  await mapAll(names, (name) => step(name), { concurrency: 5 });
}
export async function nearName(): Promise<void> { await ${LONG}("x"); }
export async function cutName(): Promise<void> { await ${LONGER}("x"); }
export async function nearDepth({ count }: Input): Promise<void> { await step(\`\${${deep(33)}}\`); }
export async function overDepth({ count }: Input): Promise<void> { await step(\`\${${deep(60)}}\`); }
export async function plain(): Promise<void> { await step("x"); }
export async function slowTask(): Promise<void> { await step.with({ timeoutSeconds: 61 })("x"); }
export async function slowWait(): Promise<void> { await sleep(61); }
export async function slowChild(): Promise<void> { await executeWorkflow(SLOW, { parameters: {} }); }
export async function timelessChild(): Promise<void> { await executeWorkflow(TIMELESS, { parameters: {} }); }
`;
const task = (name: string): string =>
  `export const ${name} = task({ name: "${name}", input: z.string(), output: z.string(), timeoutSeconds: 30 }, (text) => text);\n`;

const CHECKOUT = join(import.meta.dirname, "../../..");
const root = mkdtempSync(join(tmpdir(), "millrace-limits-"));
afterAll(() => rmSync(root, { recursive: true }));
mkdirSync(join(root, "functions/near"), { recursive: true });
mkdirSync(join(root, "node_modules"));
symlinkSync(CHECKOUT, join(root, "node_modules/millrace"));
symlinkSync(join(CHECKOUT, "node_modules/zod"), join(root, "node_modules/zod"));
const zod = `import * as z from "zod";\n`;
for (const [file, source] of Object.entries({
  "package.json": `{ "type": "module" }`,
  "functions/near/flows.ts": FLOWS,
  "functions/near/tasks.ts": `import { task } from "millrace";\n${zod}${["step", LONG, LONGER].map(task).join("")}`,
  "functions/near/children.ts": `import { defineWorkflow } from "millrace";
${zod}declare module "millrace" { interface FlowModules { "near/flows": typeof import("./flows.ts") } }
const child = { module: "near/flows", function: "plain", parameters: z.object({}), result: z.void() } as const;
export const SLOW = defineWorkflow({ ...child, name: "slow" });
export const TIMELESS = defineWorkflow({ ...child, name: "timeless" });
`,
}))
  writeFileSync(join(root, file), source);

const Input = z.object({ names: z.array(z.string()), count: z.number() });
function entry(flow: string, more: Partial<WorkflowDefinition> = {}): WorkflowDefinition {
  const name = flow.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return workflow(name, { module: "near/flows", function: flow, parameters: Input, result: z.null(), ...more });
}
const texts = (length: number): Partial<WorkflowDefinition> => ({
  parameters: z.object({ text: z.string().max(length) }),
});

/** What the plan says of a flow, or what the compiler refuses it for. */
const SAID: readonly (readonly [workflow: WorkflowDefinition, ...said: string[]])[] = [
  [entry("plain", { timeoutSeconds: 60, ...texts(30_000) })],
  [entry("nearEvents"), "near events: the history may have 24,506 of 25,000"],
  [entry("overEvents"), "over events: the history may have 28,0"],
  [entry("unknownEvents"), "unknown events: nothing bounds functions/near/flows.ts:16: "],
  [entry("nearPayload"), "near payload: the bytes of a call are at least 240,"],
  [
    entry("nearDefinition"),
    "over payload: the bytes of a call are at least 900,",
    "near definition: the bytes of the machine are 900,",
  ],
  [entry("overDefinition"), "MR091 The state machine has 1050"],
  [entry("wideMap"), "near inline-map: functions/near/flows.ts:23 runs 40 turns at once on AWS, 60 were asked for"],
  [entry("narrowMap", { concurrencyLimit: 80 })],
  [entry("limitedMap", { concurrencyLimit: 80 })],
  [entry("nearName"), "near state-name: the longest state name has 76 of 80"],
  [entry("cutName"), "near state-name: the longest state name has 80 of 80"],
  [entry("nearDepth"), "near expression-depth: the deepest expression has levels 68 of 80"],
  [entry("overDepth"), "MR090 What is computed here nests 122 levels deep"],
  [entry("slowTask", { timeoutSeconds: 60 }), "over timeout: step may take 61 s, and a run 60 s"],
  [entry("slowWait", { timeoutSeconds: 60 }), "over timeout: sleep may take 61 s, and a run 60 s"],
  [entry("slowChild", { timeoutSeconds: 60 }), "over timeout: the child slow may take 3600 s, and a run 60 s"],
  [
    entry("timelessChild", { timeoutSeconds: 60 }),
    "unknown timeout: the child timeless has no timeout, and a run 60 s",
  ],
];
const ENTRIES = [
  ...SAID.map(([one]) => one),
  entry("plain", { name: "slow", timeoutSeconds: 3600 }),
  entry("plain", { name: "timeless" }),
];
const { workflows: compiled, diagnostics } = compileCatalogue({ root, workflows: ENTRIES.map(sourceOf) });
const plan = planCatalogue({ workflows: ENTRIES, compiled, actionsOf: () => [] });
const refused = diagnostics.map(({ code, message }) => `${code} ${message}`);

describe("The plan of a flow names the limits that it comes near", () => {
  it.each(SAID.map(([definition, ...said]) => [definition.name, said] as const))("%s: %j", (name, said) => {
    const planned = plan.workflows.find((one) => one.workflow === name);
    const notes = planned?.limits.map(({ verdict, limit, text }) => `${verdict} ${limit}: ${text}`) ?? refused;
    if (planned !== undefined) expect(notes).toHaveLength(said.length);
    for (const one of said) expect(notes).toContainEqual(expect.stringContaining(one));
  });
});
