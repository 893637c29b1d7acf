import { readLimits } from "../coordination/limits.ts";
import { scheduleStates } from "../coordination/schedule-state.ts";
import { limitBase } from "../model/limit.ts";
import { hasFailed } from "../model/run.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import { pausedText } from "./commands/schedule.ts";
import { formatTime } from "./duration.ts";
import { note, ok, problem, type Finding } from "./finding.ts";
import type { Operation } from "./session.ts";

/** Whether runs of a workflow can start, do start, and end well. */
export async function diagnoseWorkflow(operation: Operation, definition: WorkflowDefinition): Promise<Finding[]> {
  return [
    ...(await platformObstacle(operation)),
    await deployment(operation, definition),
    ...(await schedule(operation, definition)),
    ...(await limit(operation, definition)),
    await lastRun(operation, definition),
  ];
}

/** What keeps all runs from going on. */
export async function platformObstacle({ platform }: Operation): Promise<Finding[]> {
  const obstacle = await platform.obstacle();
  return obstacle === undefined ? [] : [problem("runs", obstacle, "Runs go on after that.")];
}

export async function deployment({ platform }: Operation, { name }: WorkflowDefinition): Promise<Finding> {
  const obstacle = await platform.obstacle(name);
  const deployed = ok(`deployment of ${name}`, "The platform has its state machine.");
  return obstacle === undefined
    ? deployed
    : problem(deployed.check, obstacle, "Nothing of this workflow goes on before that.");
}

async function schedule({ world }: Operation, { name, cron }: WorkflowDefinition): Promise<Finding[]> {
  if (cron === undefined) return [];
  const states = await scheduleStates(world);
  return states.filter(({ workflow }) => workflow === name).map(scheduleFinding);
}

export function scheduleFinding({
  workflow,
  cron,
  timezone,
  paused,
  overdue,
  last,
  next: [next],
}: Awaited<ReturnType<typeof scheduleStates>>[number]): Finding {
  const check = `schedule of ${workflow}`;
  const fired = last === undefined ? "no fire yet" : `last fire ${formatTime(last.scheduledAt)}`;
  const text = `${cron} (${timezone}), ${fired}${next === undefined ? "" : `, next ${formatTime(next)}`}.`;
  if (paused !== undefined) {
    return note(check, `It is ${pausedText(paused)}.`, `\`millrace schedule resume ${workflow}\` lets it fire again.`);
  }
  if (overdue) {
    return problem(
      check,
      `It should have fired and has not. ${text}`,
      "On this machine `npm start` fires schedules; on AWS look at the EventBridge schedule and the log of the submit function.",
    );
  }
  if (last !== undefined && hasFailed(last.state)) {
    return problem(check, `Its last run is ${last.state}. ${text}`, `\`millrace doctor ${last.run}\` says why.`);
  }
  return ok(check, text);
}

async function limit({ world }: Operation, { name, concurrencyLimit }: WorkflowDefinition): Promise<Finding[]> {
  if (concurrencyLimit === undefined) return [];
  const base = typeof concurrencyLimit === "number" ? name : concurrencyLimit.name;
  const used = (await readLimits(world)).filter((state) => limitBase(state.name) === base);
  const busy = used.filter(({ waiting }) => waiting.length > 0);
  if (busy.length === 0) return [ok(`limit ${base}`, "Nobody waits for it.")];
  return busy.map(({ name: keyed, max, holders, waiting: [first, ...rest], more }) =>
    note(
      `limit ${keyed}`,
      `${holders.length} of ${max} in use, ${rest.length + 1}${more ? "+" : ""} in line.`,
      `\`millrace doctor ${first}\` says why the first waits; \`millrace limits set ${base} <n>\` lets more run.`,
    ),
  );
}

async function lastRun({ workflows }: Operation, { name }: WorkflowDefinition): Promise<Finding> {
  const check = `last run of ${name}`;
  const { runs } = await workflows.queryRuns({ workflow: name, limit: 1, includeUnchanged: true });
  const [run] = runs;
  if (run === undefined) return note(check, "There is none.", `\`millrace run ${name}\` starts one.`);
  const text = `Run ${run.id} is ${run.state}.`;
  return hasFailed(run.state) ? problem(check, text, `\`millrace doctor ${run.id}\` says why.`) : ok(check, text);
}
