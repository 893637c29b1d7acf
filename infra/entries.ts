import { join } from "node:path";
import type { CompiledWorkflow, TaskReference } from "../engine/model/compiled.ts";
import type { Domains } from "./domains.ts";
import { OWN_NAMES } from "./own-functions.ts";

/** What a function's bundle is made of. */
export interface Entry {
  /** The file that exports `handler`. Its imports are absolute, so it may lie anywhere. */
  readonly source: string;
  /** Packages that are copied beside the code, because they are no JavaScript. */
  readonly nativePackages: readonly string[];
}

/** The entry point `millrace/aws`. */
const AWS = join(import.meta.dirname, "..", "engine", "aws", "aws.ts");

/** Function → its bundle's entry: one for each domain, and one for each of Millrace's own. */
export function functionEntries(
  root: string,
  workflows: readonly CompiledWorkflow[],
  domains: readonly string[],
  settings: Domains,
): ReadonlyMap<string, Entry> {
  const tasks = workflows.flatMap((workflow) => workflow.tasks);
  const ofDomains = domains.map((domain): readonly [string, Entry] => {
    const source = domainSource(
      root,
      tasks.filter((task) => task.domain === domain),
    );
    return [domain, { source, nativePackages: settings[domain]?.nativePackages ?? [] }];
  });
  const own = OWN_NAMES.map((name): readonly [string, Entry] => {
    return [name, { source: catalogueSource(root, `${name}Handler`), nativePackages: [] }];
  });
  return new Map([...ofDomains, ...own]);
}

/** `serve` with the tasks of one domain that the workflows call. */
function domainSource(root: string, tasks: readonly TaskReference[]): string {
  const files = tasks.map((task) => [JSON.stringify(join(root, task.file)), task.export] as const);
  const distinct = [...new Map(files.map((file) => [file.join(), file])).values()].sort();
  const imports = distinct.map(([file, name], index) => `import { ${name} as task${index} } from ${file};`);
  return entrySource("serve", imports, `[${imports.map((_, index) => `task${index}`).join(", ")}]`);
}

/** `submitHandler`, `settleHandler` and so on with the whole catalogue. */
function catalogueSource(root: string, maker: string): string {
  const file = JSON.stringify(join(root, "catalogue", "index.ts"));
  return entrySource(maker, [`import { WORKFLOWS } from ${file};`], "WORKFLOWS");
}

function entrySource(maker: string, imports: readonly string[], argument: string): string {
  const lines = [`import { ${maker} } from ${JSON.stringify(AWS)};`, ...imports];
  return `${lines.join("\n")}\nexport const handler = ${maker}(${argument});\n`;
}
