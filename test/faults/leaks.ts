import { limitNames, readLimits } from "../../engine/coordination/limits.ts";
import { lockKey, runKey } from "../../engine/coordination/keys.ts";
import { openEntries } from "../../engine/coordination/open-index.ts";
import { queryRuns } from "../../engine/coordination/run-index.ts";
import { getRun } from "../../engine/coordination/run-record.ts";
import { findWorkflow, type World } from "../../engine/coordination/world.ts";
import { limitBase } from "../../engine/model/limit.ts";
import { idempotentRunId } from "../../engine/model/run-id.ts";
import { isEnded, type Run, type RunState } from "../../engine/model/run.ts";
import type { Services } from "./services.ts";

/** What a round is held against when it is over. */
export interface Ended {
  /** Ids of runs that somebody submitted, or started by hand. */
  readonly runs: readonly string[];
  /** Ids of those whose cancellation was answered while they waited. */
  readonly withdrawn: readonly string[];
  readonly locks: readonly string[];
  /** Workflow → runs at once, at the most, at any time. */
  readonly limits: ReadonlyMap<string, number>;
}

/** What the execution of an ended run must say; one that was cancelled before its start has none. */
const STATUSES: { readonly [state: string]: string } = {
  completed: "SUCCEEDED",
  failed: "FAILED",
  cancelled: "ABORTED",
};

/** One line for each thing that is left, was forgotten, or was overdone. */
export async function leaks(world: World, services: Services, ended: Ended): Promise<string[]> {
  const problems: string[] = [];
  const listed = listing(world);
  const ours = new Set(limitNames(world));
  for (const { name, holders, waiting } of await readLimits(world)) {
    if (ours.has(limitBase(name)) && holders.length + waiting.length > 0) {
      problems.push(`limit ${name} is held by ${JSON.stringify(holders)}, ${JSON.stringify(waiting)} wait`);
    }
  }
  for (const lock of ended.locks) {
    const owner = (await world.items.get(lockKey(lock)))?.["owner"];
    if (owner !== undefined) problems.push(`lock ${lock} is held by ${JSON.stringify(owner)}`);
  }
  for (const { id, workflow: name } of await openEntries(world.items)) problems.push(`run ${id} of ${name} is open`);
  for (const id of ended.runs) {
    const run = await getRun(world.items, id);
    if (run !== undefined) problems.push(...(await leaksOf(world, services, run, listed))); // else its submitter died first
  }
  for (const id of ended.withdrawn) {
    const run = await getRun(world.items, id);
    if (run === undefined || services.executions.has(run.execution)) problems.push(`run ${id} started when cancelled`);
  }
  for (const [workflow, limit] of ended.limits) {
    const peak = services.peaks.get(workflow) ?? 0;
    if (peak > limit) problems.push(`${peak} runs of ${workflow} at once, the limit is ${limit}`);
  }
  return problems;
}

async function leaksOf(
  world: World,
  services: Services,
  run: Run,
  listed: ReturnType<typeof listing>,
): Promise<string[]> {
  const { id, state, workflow, execution } = run;
  if (!isEnded(state)) return [`run ${id} of ${workflow} is ${state}`];
  const problems: string[] = [];
  const token = (await world.items.get(runKey(id)))?.["token"];
  if (typeof token === "string" && !services.answered.has(token)) {
    problems.push(`run ${id} of ${workflow} did not answer its parent`);
  }
  const status = services.executions.get(execution)?.status;
  if (status !== STATUSES[state] && !(state === "cancelled" && status === undefined)) {
    problems.push(`run ${id} of ${workflow} is ${state}, its execution is ${status}`);
  }
  if (state === "completed") return problems;
  const hook = findWorkflow(world, workflow)?.[state === "cancelled" ? "onCancel" : "onFailure"];
  if (hook !== undefined && (await getRun(world.items, idempotentRunId(hook, `${state} ${id}`))) === undefined) {
    problems.push(`run ${id} of ${workflow} is ${state}, and ${hook} was not submitted`);
  }
  if (!(await listed(workflow, state)).has(id)) problems.push(`run ${id} of ${workflow} is not listed as ${state}`);
  return problems;
}

/** Ids of the runs of a workflow that are listed under a state; each list is read once. */
function listing(world: World): (workflow: string, state: RunState) => Promise<ReadonlySet<string>> {
  const lists = new Map<string, Promise<ReadonlySet<string>>>();
  const read = async (workflow: string, state: RunState): Promise<ReadonlySet<string>> => {
    const { runs } = await queryRuns(world.items, { workflow, state, limit: 200 }, world.now());
    return new Set(runs.map(({ id }) => id));
  };
  return (workflow, state) => {
    const list = lists.get(`${workflow} ${state}`) ?? read(workflow, state);
    lists.set(`${workflow} ${state}`, list);
    return list;
  };
}
