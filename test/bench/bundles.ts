import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import type { CompiledWorkflow } from "../../engine/model/compiled.ts";
import { ADD_TAGS_TASK, executionArn, type TaskPayload } from "../../engine/model/wire.ts";
import { bundleFunctions, type Bundle } from "../../infra/bundle.ts";
import { usedDomains } from "../../infra/domains.ts";
import { functionEntries } from "../../infra/entries.ts";
import { OWN_NAMES } from "../../infra/own-functions.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const STACK = "bench";
const DOMAINS = { git: { nativePackages: ["es-git-linux-x64-gnu"] } };

/** Milliseconds of one cold start: Node itself, the bundle's modules, the first task's result, and all of it. */
export interface ColdStart {
  readonly boot: number;
  readonly import: number;
  readonly result: number;
  readonly total: number;
}

/** Function → its bundle, made as a deployment makes it. */
export function makeBundles(workflows: readonly CompiledWorkflow[], outdir: string): ReadonlyMap<string, Bundle> {
  const entries = functionEntries(ROOT, workflows, usedDomains(STACK, workflows, DOMAINS), DOMAINS);
  return bundleFunctions({ root: ROOT, entries, outdir });
}

/**
 * Starts a bundle cold some times, each in a new process. In a domain's function the first task adds a tag to a run, so
 * that its DynamoDB client makes its first request; a server of our own answers it.
 */
export async function coldStarts(name: string, bundle: Bundle, rounds: number): Promise<ColdStart[]> {
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader("content-type", "application/x-amz-json-1.0");
    response.end(JSON.stringify({ Attributes: { pk: { S: "RUN#bench" }, sk: { S: "#" } } }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const env = {
    PATH: process.env["PATH"],
    AWS_REGION: "eu-central-1",
    AWS_ACCESS_KEY_ID: "bench",
    AWS_SECRET_ACCESS_KEY: "bench",
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    MILLRACE_STACK: STACK,
    MILLRACE_DOMAIN: name,
    MILLRACE_TABLE: "bench",
    MILLRACE_BUCKET: "bench",
    MILLRACE_MAX_AGE: "{}",
  };
  const script = [join(import.meta.dirname, "cold-start.mjs"), join(bundle.directory, "index.mjs")];
  const payload = OWN_NAMES.includes(name) ? [] : [JSON.stringify(firstTask())];
  const starts: ColdStart[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { stdout } = await promisify(execFile)(process.execPath, [...script, ...payload], { env });
    starts.push(JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}") as ColdStart);
  }
  server.close();
  return starts;
}

function firstTask(): TaskPayload {
  return {
    task: ADD_TAGS_TASK,
    input: ["bench"],
    run: executionArn("eu-central-1", "000000000000", STACK, "bench", "00000000-0000-7000-8000-000000000000"),
    step: "add tags",
    at: "functions/bench/flows.ts:1",
    attempt: 1,
    context: {},
  };
}
