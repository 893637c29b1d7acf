import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runKey } from "../../engine/coordination/keys.ts";
import { countRuns } from "../../engine/coordination/run-count.ts";
import { edgeLife, edgesOf } from "../../engine/coordination/run-edges.ts";
import { endAttributes, expiryOf } from "../../engine/coordination/run-end.ts";
import { queryRuns } from "../../engine/coordination/run-index.ts";
import type { RunFilter } from "../../engine/coordination/run-query.ts";
import { newAttributes } from "../../engine/coordination/run-record.ts";
import { encodeItem } from "../../engine/local/sqlite/item-row.ts";
import { sqliteItems } from "../../engine/local/sqlite/items.ts";
import { Database } from "../../engine/local/sqlite/database.ts";
import { newRunId } from "../../engine/model/run-id.ts";
import type { EndState } from "../../engine/model/run.ts";
import { renderTag, renderTags, WorkflowTag } from "../../engine/model/tags.ts";
import type { Item } from "../../engine/store/items.ts";

/**
 * `node test/bench/index.ts [runs]`: what pages and counts of the run index cost over a year of runs, 1,000,000 where it is
 * left out. The store is filled without coordination, in transactions of its own.
 */
const RUNS = Number(process.argv[2] ?? 1_000_000);
const YEAR_MS = 365 * 86_400_000;
const NOW = Date.UTC(2026, 10, 24);
const ROUNDS = 200;
const OPEN = 1_000;
const TOGETHER = 2_000;

/** The same runs at each measurement. */
let seed = 1;
function random(below: number): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return (seed >>> 8) % below; // its lower bits repeat soon
}

const WORKFLOWS = 87;
const BRANCHES = 300;
const NODES = 20_000;
/** Half of the runs are on the main branch. */
const branchOf = (): string => (random(2) === 0 ? "main" : `branch-${random(BRANCHES)}`);
const workflowOf = (): string => `workflow-${random(WORKFLOWS)}`;
const nodeOf = (): string => `node-${random(NODES)}`;

function stateOf(index: number): EndState | undefined {
  if (index >= RUNS - OPEN) return undefined;
  const roll = random(100);
  return roll < 4 ? "failed" : roll < 5 ? "cancelled" : roll < 6 ? "timed-out" : "completed";
}

function recordOf(index: number): Item {
  const createdAt = NOW - YEAR_MS + Math.floor((index / RUNS) * YEAR_MS);
  const serial = Buffer.alloc(10);
  serial.writeUInt32BE(index, 2);
  serial.writeUInt32BE(Math.imul(index, 2_654_435_761) >>> 0, 6);
  const id = newRunId(createdAt, () => serial);
  const workflow = workflowOf();
  const tags = [
    renderTag(WorkflowTag.WORKFLOWTYPE, "core"),
    ...renderTags({ branches: [branchOf()], nodes: [nodeOf()] }),
  ];
  const { gk, gs, ...attributes } = newAttributes({
    id,
    workflow,
    name: `Run ${index} of ${workflow}`,
    execution: `arn:aws:states:local:000000000000:execution:local_${workflow}:${id}`,
    parameters: { object: index },
    context: {},
    tags,
    createdAt,
    inputHash: "0".repeat(64),
    edge: edgeLife(undefined, createdAt),
  });
  const record = { ...runKey(id), ...attributes, tags: new Set(tags) };
  const state = stateOf(index);
  if (state === undefined) return { ...record, gk: gk ?? "", gs: gs ?? "" };
  const endedAt = createdAt + 30_000;
  const error = state === "completed" ? {} : { error: { name: "Gone", message: "It was gone." } };
  return {
    ...record,
    ...endAttributes({ state, startedAt: createdAt, endedAt, ...error }),
    ttl: expiryOf(undefined, endedAt, false),
  };
}

function fill(database: Database): number {
  const insert = database.prepare("INSERT INTO items (pk, sk, gk, gs, ttl, body, sets) VALUES (?, ?, ?, ?, ?, ?, ?)");
  let rows = 0;
  for (let index = 0; index < RUNS; index += 1) {
    if (index % TOGETHER === 0) database.prepare("BEGIN").run();
    const record = recordOf(index);
    for (const item of [record, ...edgesOf(record)]) {
      insert.run(...encodeItem(item));
      rows += 1;
    }
    if (index % TOGETHER === TOGETHER - 1 || index === RUNS - 1) database.prepare("COMMIT").run();
  }
  return rows;
}

const FILTERS: { readonly [title: string]: () => RunFilter } = {
  "workflow, branch, failed": () => ({ workflow: workflowOf(), branch: branchOf(), state: "failed" }),
  "workflow, branch, completed": () => ({ workflow: workflowOf(), branch: branchOf(), state: "completed" }),
  "branch, node, name": () => ({ branch: branchOf(), node: nodeOf(), name: "RUN" }),
  "branch, tag, open": () => ({ branch: branchOf(), tags: ["infrahub.app/workflow-type/core"], state: "open" }),
  "workflow, name that is rare, a month": () => ({
    workflow: workflowOf(),
    name: `${random(1_000)} of`,
    from: NOW - (1 + random(12)) * 30 * 86_400_000,
  }),
};

function line(title: string, text: string): void {
  console.log(`${title.padEnd(48)} ${text}`);
}

async function spreadOf(work: () => Promise<unknown>): Promise<string> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  const [half, most, all] = [0.5, 0.99, 1].map((share) => (times[Math.ceil(share * ROUNDS) - 1] ?? NaN).toFixed(1));
  return `p50 ${half} ms, p99 ${most} ms, max ${all} ms`;
}

const folder = mkdtempSync(join(tmpdir(), "millrace-index-"));
try {
  const database = new Database(join(folder, "millrace.db"));
  const items = sqliteItems(database);
  const start = performance.now();
  const rows = fill(database);
  line(
    `${RUNS.toLocaleString("en")} runs`,
    `${rows.toLocaleString("en")} items in ${((performance.now() - start) / 1000).toFixed(0)} s`,
  );
  for (const [title, filter] of Object.entries(FILTERS)) {
    line(`page of 50: ${title}`, await spreadOf(() => queryRuns(items, filter(), NOW)));
    line(`count: ${title}`, await spreadOf(() => countRuns(items, filter(), NOW)));
  }
  line("count: a workflow", await spreadOf(() => countRuns(items, { workflow: workflowOf() }, NOW)));
  database.close();
} finally {
  rmSync(folder, { recursive: true });
}
