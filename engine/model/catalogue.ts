import type { EndedRun } from "./ended-run.ts";
import { parse } from "./schema.ts";
import type { WorkflowDefinition } from "./workflow.ts";

/** What is wrong with a catalogue as a whole: a name twice, an exported workflow that the list lacks. */
export function catalogueProblems(
  workflows: readonly WorkflowDefinition[],
  modules: readonly (readonly [file: string, exported: { readonly [name: string]: unknown }])[],
): string[] {
  const names = new Map<string, number>();
  for (const { name } of workflows) names.set(name, (names.get(name) ?? 0) + 1);
  const duplicates = [...names]
    .filter(([, count]) => count > 1)
    .map(([name, count]) => `The catalogue lists "${name}" ${count} times: give each workflow a name of its own`);
  const missing = modules.flatMap(([file, exported]) =>
    Object.entries(exported)
      .filter(([, value]) => isDefinition(value) && !workflows.includes(value))
      .map(([name]) => `${file} exports ${name}, which WORKFLOWS in catalogue/index.ts lacks: add it there`),
  );
  return [
    ...duplicates,
    ...missing,
    ...workflows.flatMap((workflow) => hookProblems(workflow, workflows)),
    ...limitConflicts(workflows),
    ...hangingHolders(workflows),
  ];
}

/** A limit is known by its name, so each name has one number. */
function limitConflicts(workflows: readonly WorkflowDefinition[]): string[] {
  const defined = new Map<string, { readonly limit: number; readonly by: string }>();
  return workflows.flatMap(({ name, concurrencyLimit: given }) => {
    if (given === undefined) return [];
    const limit = typeof given === "number" ? { name, limit: given } : given;
    const before = defined.get(limit.name);
    if (before === undefined) defined.set(limit.name, { limit: limit.limit, by: name });
    if (before === undefined || before.limit === limit.limit) return [];
    return [
      `The limit "${limit.name}" is ${before.limit} for "${before.by}" and ${limit.limit} for "${name}": share one defineLimit(…), or give it another name`,
    ];
  });
}

/** Workflows whose runs may keep a limit for ever that the cron of another stands under. */
function hangingHolders(workflows: readonly WorkflowDefinition[]): string[] {
  const shared = workflows.filter(({ concurrencyLimit }) => typeof concurrencyLimit === "object");
  const nameOf = ({ concurrencyLimit: limit }: WorkflowDefinition) => typeof limit === "object" && limit.name;
  return shared.flatMap((workflow) => {
    const cron = shared.find((other) => other.cron !== undefined && nameOf(other) === nameOf(workflow));
    if (cron === undefined || workflow.timeoutSeconds !== undefined) return [];
    return [
      `"${workflow.name}" stands under one limit with the cron of "${cron.name}", and a run of it that hangs would never free it: give it timeoutSeconds`,
    ];
  });
}

/** The name of the workflow that repairs what crashes and lost events leave. */
export const SWEEP_WORKFLOW = "clean-up-deadlocks";

/** Why nothing would repair what a crash leaves, or nothing. */
export function sweepProblems(workflows: readonly WorkflowDefinition[]): string[] {
  const sweep = workflows.find(({ name }) => name === SWEEP_WORKFLOW);
  if (sweep === undefined) {
    return [
      `catalogue/index.ts lacks "${SWEEP_WORKFLOW}", which repairs what crashes and lost events leave: list CLEAN_UP_DEADLOCKS of catalogue/upkeep.ts`,
    ];
  }
  return [
    ...(sweep.cron === undefined ? [`"${SWEEP_WORKFLOW}" has no cron: give it "* * * * *"`] : []),
    ...(sweep.concurrencyLimit === undefined
      ? []
      : [`"${SWEEP_WORKFLOW}" stands under a limit, and would wait for what it repairs: take the limit off it`]),
  ];
}

/** What is wrong with the workflows that `onFailure` and `onCancel` name. */
function hookProblems(workflow: WorkflowDefinition, workflows: readonly WorkflowDefinition[]): string[] {
  return (["onFailure", "onCancel"] as const).flatMap((option) => {
    const name = workflow[option];
    if (name === undefined) return [];
    const where = `${option} of "${workflow.name}" names "${name}"`;
    const hook = workflows.find((one) => one.name === name);
    if (hook === undefined) return [`${where}, which the catalogue lacks: add it, or name another`];
    if (hook.onFailure !== undefined || hook.onCancel !== undefined) {
      return [`${where}, which names a workflow itself: one that fails would start others for ever`];
    }
    const checked = parse(hook.parameters, ENDED);
    return checked.ok ? [] : [`${where}, which does not take EndedRun as its parameters: ${checked.problem}`];
  });
}

const ENDED: EndedRun = {
  run: "00000000-0000-7000-8000-000000000000",
  workflow: "name",
  state: "failed",
  error: { name: "Error", message: "message" },
};

function isDefinition(value: unknown): value is WorkflowDefinition {
  return (
    typeof value === "object" && value !== null && "module" in value && "function" in value && "parameters" in value
  );
}
