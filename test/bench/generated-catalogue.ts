import { appendFileSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Compiler } from "../../engine/compiler/compile.ts";
import { Project } from "../../engine/local/project.ts";
import { Database } from "../../engine/local/sqlite/database.ts";
import { IN_MEMORY } from "../../engine/local/sqlite/open-database.ts";
import { sourceOf } from "../../engine/model/workflow.ts";
import { loadCatalogue } from "../../engine/runtime/load.ts";
import { flowFile, writeProject } from "./generated-project.ts";
import type { Measured } from "./measure.ts";
import { median } from "./spread.ts";

/** `generated-catalogue.ts compile|watch|synth <empty folder> <workflows>`: what a generated catalogue costs, as JSON. */
const [what = "", root = "", count = ""] = process.argv.slice(2);
const CHECKOUT = join(import.meta.dirname, "..", "..");

/** The first changes warm the compiler up. */
const WARM_UP = 3;
const CHANGES = 9;
const QUIET_MS = 100;

const MEASUREMENTS: { readonly [what: string]: () => Promise<Measured> } = {
  /** The compiler alone: all workflows, and again after one flow has changed. */
  compile: async () => {
    const compiler = new Compiler(root);
    const sources = (await loadCatalogue(root)).map(sourceOf);
    const compile = (): void => {
      const { diagnostics } = compiler.compile(sources);
      if (diagnostics.length > 0) throw new Error(JSON.stringify(diagnostics[0]));
    };
    const before = process.cpuUsage();
    const cold = await timed(compile);
    const { user, system } = process.cpuUsage(before);
    const memory = process.resourceUsage().maxRSS / 1024;
    const changed = await changes((save) => {
      save();
      compile();
    });
    return { cold, cpu: (user + system) / 1000, memory, changed };
  },

  /** From a saved flow until the next run has it, as `npm start` watches. */
  watch: async () => {
    const project = new Project(new Database(IN_MEMORY), root);
    await project.catalogue();
    const end = new AbortController();
    let told = Promise.withResolvers<void>();
    const watcher = { onChange: () => told.resolve(), onError: (error: unknown) => told.reject(error) };
    const watching = project.watch(watcher, end.signal);
    const used = await changes((save) => {
      told = Promise.withResolvers();
      save();
      return told.promise;
    });
    end.abort();
    await watching;
    return { used };
  },

  /** The whole of `cdk synth` but the start of its process: compilation, bundles, template, and what checks it. */
  synth: async () => {
    const { App, Stack, Validations } = await import("aws-cdk-lib");
    const { AwsSolutionsChecks } = await import("cdk-nag");
    const { WorkflowCatalogue } = await import("../../infra/workflow-catalogue.ts");
    const workflows = await loadCatalogue(root);
    const { context } = JSON.parse(readFileSync(join(CHECKOUT, "cdk.json"), "utf8")) as { readonly context: object };
    const outdir = join(root, "cdk.out");
    const synthesized = await timed(() => {
      const app = new App({ outdir, context: { ...context, "aws:cdk:enable-path-metadata": true } });
      Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
      new WorkflowCatalogue(new Stack(app, "generated"), "Catalogue", { stack: "generated", workflows, root });
      app.synth();
    });
    return { synthesized, template: statSync(join(outdir, "generated.template.json")).size / 1024 };
  },
};

/** The median of the milliseconds that saved flows take. */
async function changes(take: (save: () => void) => void | Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let change = 0; change < WARM_UP + CHANGES; change += 1) {
    await pause(QUIET_MS);
    times.push(await timed(() => take(() => appendFileSync(join(root, flowFile(change)), "\n"))));
  }
  return median(times.slice(WARM_UP));
}

async function timed(work: () => void | Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

writeProject(root, Number(count));
process.stdout.write(`${JSON.stringify(await MEASUREMENTS[what]?.())}\n`);
