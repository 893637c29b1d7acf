import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const REPOSITORY = join(import.meta.dirname, "../../..");

/** One code of docs/diagnostics.md. */
export interface Section {
  readonly code: string;
  /** What is wrong, and what compiles instead; a code that no flow has, has neither. */
  readonly examples: readonly Example[];
}

export interface Example {
  readonly name: string;
  /** `functions/mr010-wrong/flows.ts` */
  readonly path: string;
  /** The file that the example makes; none where its file is missing. */
  readonly text: string | undefined;
  /** `10 MR010`: the line of the file that a comment marks, behind it or alone below it. */
  readonly marks: readonly string[];
}

const HEAD = `import { acquireLock, addTags, batch, defineEvent, log, mapAll, now, sleep, sleepUntil } from "millrace";
import { submitWorkflow, task, uuid, waitForEvent, withLock } from "millrace";
import * as z from "zod";
import { APPROVAL, SHIP, UNLISTED } from "../../catalogue/index.ts";
import { list, load, save } from "../shop/tasks.ts";
`;

const FLOW = `export async function flow({ id, note, coupon, n, ids, any }: {
  id: string; note: string | undefined; coupon: string | null; n: number; ids: string[]; any: unknown;
}) {
`;

const TASKS = `import { task } from "millrace";
import * as z from "zod";
const Order = z.object({
  id: z.string(), amount: z.number(), lines: z.array(z.string()), note: z.string().optional(), coupon: z.string().nullable(),
  rating: z.number().nullable().optional(), size: z.union([z.number(), z.string()]), counts: z.record(z.string(), z.number()),
});
const NONE = { id: "", amount: 0, lines: [], coupon: null, size: 0, counts: {} };
export const load = task({ name: "load", input: z.string(), output: Order }, () => NONE);
export const list = task({ name: "list", input: z.null(), output: z.array(Order) }, () => []);
export const save = task({ name: "save", input: z.unknown(), output: z.string() }, () => "");
`;

const CATALOGUE = `import { defineEvent, defineWorkflow } from "millrace";
import * as z from "zod";
const ship = { module: "shop/flows", function: "ship", parameters: z.object({ id: z.string() }), result: z.null() };
export const SHIP = defineWorkflow({ name: "ship", ...ship });
export const UNLISTED = defineWorkflow({ name: "unlisted", ...ship });
export const APPROVAL = defineEvent({ name: "approval", schema: z.string() });
`;

/** The sections of the page, in its order. */
export function readPage(): Section[] {
  const [, ...sections] = readFileSync(join(REPOSITORY, "docs/diagnostics.md"), "utf8").split("\n### ");
  return sections.map((section) => {
    const code = section.slice(0, section.indexOf("\n"));
    const snippets = [...section.matchAll(/^```ts\n(.*?)\n```$/gms)].map(([, snippet = ""]) => snippet);
    return { code, examples: snippets.map((snippet, at) => exampleOf(code, at === 0 ? "wrong" : "right", snippet)) };
  });
}

function exampleOf(code: string, kind: string, snippet: string): Example {
  const name = `${code.toLowerCase()}-${kind}`;
  const [, named, missing] = /^\/\/ (functions\/\S+\.ts)( is missing)?$/m.exec(snippet) ?? [];
  const path = named ?? `functions/${name}/flows.ts`;
  if (missing !== undefined) return { name, path, text: undefined, marks: [`1 ${code}`] };
  const isWhole = /^export /m.test(snippet);
  const text = `${HEAD}${isWhole ? "" : FLOW}${repeated(snippet)}\n${isWhole ? "" : "}\n"}`;
  const marks = text.split("\n").flatMap((line, at) => {
    const [, code = "", comment] = /(\S?) *\/\/ (MR\d{3})$/.exec(line) ?? [];
    return comment === undefined ? [] : [`${code === "" ? at : at + 1} ${comment}`];
  });
  return { name, path, text, marks };
}

/** `/* 3 times: *\/ … /* *\/`: what would be too long to read. */
function repeated(snippet: string): string {
  return snippet.replace(/\/\* (\d+) times: \*\/(.*?)\/\* \*\//g, (_, count: string, part: string) =>
    part.repeat(Number(count)),
  );
}

/** Makes a project at `root` that has all examples. */
export function writeProject(root: string, examples: readonly Example[]): void {
  const write = (path: string, text: string): void => {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write("package.json", '{ "type": "module" }');
  write("catalogue/index.ts", CATALOGUE);
  write("functions/shop/tasks.ts", TASKS);
  for (const { path, text } of examples) if (text !== undefined) write(path, text);
  mkdirSync(join(root, "node_modules"));
  symlinkSync(REPOSITORY, join(root, "node_modules/millrace"));
  symlinkSync(join(REPOSITORY, "node_modules/zod"), join(root, "node_modules/zod"));
}
