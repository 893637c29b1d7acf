import { childrenOf } from "../coordination/children.ts";
import { waitingOf } from "../coordination/limits.ts";
import { readLocks } from "../coordination/lock-state.ts";
import { getRun } from "../coordination/run-record.ts";
import { hasFailed, isEnded, type Run } from "../model/run.ts";
import { platformObstacle } from "./diagnose-workflow.ts";
import { formatDuration, formatTime } from "./duration.ts";
import { note, ok, problem, type Finding } from "./finding.ts";
import { failedAt } from "./run-text.ts";
import type { Operation } from "./session.ts";

/** Why a run does not start, does not go on, or did not end well. */
export async function diagnoseRun(operation: Operation, run: Run): Promise<Finding[]> {
  if (isEnded(run.state)) return end(operation, run);
  const findings = run.state === "running" ? await running(operation, run) : await waiting(operation, run);
  const { cancelRequestedAt: asked } = run;
  const stops = asked === undefined ? [] : [note("cancel", `It was told to stop at ${formatTime(asked)}.`)];
  return [...(await platformObstacle(operation)), ...stops, ...findings];
}

async function end(operation: Operation, run: Run): Promise<Finding[]> {
  if (!("error" in run)) return [ok("end", `The run is ${run.state}.`)];
  const { name, message } = run.error;
  const retry = `\`millrace retry ${run.id}\` starts it once more.`;
  if (!hasFailed(run.state)) return [note("end", `The run is ${run.state}. ${name}: ${message}`, retry)];
  const at = failedAt(run, await operation.workflows.steps(run.id));
  const line = at === undefined ? "" : ` at ${at}`;
  const advice = `\`millrace show ${run.id}\` has its steps, \`millrace logs ${run.id}\` what they wrote; ${retry}`;
  const children = await executed(operation, run, (child) => hasFailed(child.state));
  return [
    problem("end", `The run is ${run.state}${line}. ${name}: ${message}`, advice),
    ...children.map(({ id, name: title, state }) =>
      note("child", `It executed run ${id} (${title}), which is ${state}.`, `\`millrace doctor ${id}\` says why.`),
    ),
  ];
}

async function waiting({ world }: Operation, run: Run): Promise<Finding[]> {
  const found = await waitingOf(world, run);
  if (found === undefined) return [];
  const { reason, position, holders } = found;
  const place = position === undefined ? "" : ` It is number ${position} in line.`;
  const text = `${reason}${place}`;
  const held = holders.map((holder) =>
    note("holder", `Run ${holder}.`, `\`millrace doctor ${holder}\` says how far it is.`),
  );
  return [note("start", text), ...held];
}

async function running(operation: Operation, run: Run & { readonly state: "running" }): Promise<Finding[]> {
  const { platform, workflows, world } = operation;
  const execution = await platform.describe(run.execution);
  if (execution === undefined) {
    const text = "It is recorded as running, and its machine has not started.";
    return [problem("machine", text, "The sweep starts it within a minute: `millrace doctor clean-up-deadlocks`.")];
  }
  if (execution.status !== "RUNNING") {
    const text = `Its machine has ended (${execution.status}), and the record does not say so yet.`;
    return [
      problem("machine", text, "The sweep writes the end within a minute: `millrace doctor clean-up-deadlocks`."),
    ];
  }
  const now = world.now();
  const steps = (await workflows.steps(run.id)).filter(({ state }) => state === "running");
  return [
    ...steps.map(({ name, at = "", startedAt, attempt }) =>
      note(
        "step",
        `"${name}" runs for ${formatDuration(Math.max(0, now - startedAt))}, attempt ${attempt}. ${at}`.trim(),
      ),
    ),
    ...(await lockWaits(operation, run)),
    ...(await childWaits(operation, run)),
  ];
}

async function lockWaits({ world }: Operation, run: Run): Promise<Finding[]> {
  const locks = await readLocks(world);
  return locks.flatMap(({ name, holder, waiting: line }) => {
    const place = line.findIndex((waiter) => waiter.run === run.id);
    if (place < 0) return [];
    const held = holder === undefined ? "It is free." : `Run ${holder.run} (${holder.step}) holds it.`;
    const advice = holder === undefined ? undefined : `\`millrace doctor ${holder.run}\` says how far that is.`;
    return [note(`lock ${name}`, `It is number ${place + 1} in line. ${held}`, advice)];
  });
}

async function childWaits(operation: Operation, run: Run): Promise<Finding[]> {
  const children = await executed(operation, run, ({ state }) => !isEnded(state));
  return Promise.all(
    children.map(async (child) => {
      const why = (await waitingOf(operation.world, child))?.reason ?? "";
      const text = `It waits for run ${child.id} (${child.name}), which is ${child.state}. ${why}`;
      return note("child", text.trim(), `\`millrace doctor ${child.id}\` says how far it is.`);
    }),
  );
}

/** Those of the runs that it executes. */
async function executed({ world }: Operation, { id }: Run, wanted: (child: Run) => boolean): Promise<Run[]> {
  const children: Run[] = [];
  for await (const edge of childrenOf(world, id)) {
    const child = edge.executed ? await getRun(world.items, edge.id) : undefined;
    if (child !== undefined && wanted(child)) children.push(child);
  }
  return children;
}
