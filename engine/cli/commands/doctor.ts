import { readLimits, waitingOf } from "../../coordination/limits.ts";
import { readLocks } from "../../coordination/lock-state.ts";
import { getRun } from "../../coordination/run-record.ts";
import { scheduleStates } from "../../coordination/schedule-state.ts";
import { findWorkflow } from "../../coordination/world.ts";
import { ErrorName, MillraceError } from "../../model/errors.ts";
import { diagnoseRun } from "../diagnose-run.ts";
import { deployment, diagnoseWorkflow, platformObstacle, scheduleFinding } from "../diagnose-workflow.ts";
import { findingText, note, ok, type Finding } from "../finding.ts";
import { styled, type Output } from "../output.ts";
import { stateText } from "../run-text.ts";
import { withWorld, type Operation, type PlatformOptions } from "../session.ts";

/**
 * `millrace doctor`: answers `{ findings }` about the platform, a workflow or a run; problems are findings, no failure.
 * @throws MillraceError `WorkflowNotFound`, `RunNotFound`; `PlatformUnavailable` and `AccessDenied` where nothing can be read
 */
export async function doctor(output: Output, subject: string | undefined, options: PlatformOptions): Promise<void> {
  await withWorld(options.stack, async (operation) => {
    const { title, findings } = await diagnose(operation, subject);
    const bad = findings.filter(({ verdict }) => verdict === "problem").length;
    const last = bad === 0 ? "Nothing is wrong." : bad === 1 ? "1 problem." : `${bad} problems.`;
    const lines = [styled("bold", title), ...findings.map((finding) => `  ${findingText(finding)}`), last];
    output.result({ findings }, lines.join("\n"));
  });
}

interface Diagnosis {
  readonly title: string;
  readonly findings: readonly Finding[];
}

const RUN_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function diagnose(operation: Operation, subject: string | undefined): Promise<Diagnosis> {
  const { world, workflows } = operation;
  if (subject === undefined) return { title: "Millrace", findings: await diagnosePlatform(operation) };
  if (RUN_ID.test(subject)) {
    const run = await workflows.getRun(subject);
    return { title: `${run.name}  ${stateText(run)}`, findings: await diagnoseRun(operation, run) };
  }
  const definition = findWorkflow(world, subject);
  if (definition !== undefined) return { title: subject, findings: await diagnoseWorkflow(operation, definition) };
  const names = world.workflows().map(({ name }) => name);
  throw new MillraceError(
    ErrorName.WORKFLOW_NOT_FOUND,
    `${JSON.stringify(subject)} is neither the id of a run nor a workflow of the catalogue, which has ${names.join(", ")}. Add it to catalogue/index.ts, or give the id of a run.`,
  );
}

async function diagnosePlatform(operation: Operation): Promise<Finding[]> {
  const { platform, workflows, world } = operation;
  const { count, more } = await workflows.countRuns({ state: "open", includeUnchanged: true });
  const reached = ok("platform", `"${platform.name}" is reached; open runs: ${count}${more ? "+" : ""}.`);
  const deployments = await Promise.all(world.workflows().map((definition) => deployment(operation, definition)));
  const missing = deployments.filter(({ verdict }) => verdict !== "ok");
  return [
    reached,
    ...(await platformObstacle(operation)),
    ...(missing.length === 0 ? [ok("catalogue", `All ${deployments.length} workflows are deployed.`)] : missing),
    ...(await scheduleStates(world)).map(scheduleFinding),
    ...(await lines(operation)),
  ];
}

/** Limits and locks that somebody waits for. */
async function lines({ world }: Operation): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const {
    name,
    waiting: [first],
    holders,
    max,
  } of await readLimits(world)) {
    const run = first === undefined ? undefined : await getRun(world.items, first);
    const reason = run && (await waitingOf(world, run))?.reason;
    if (run === undefined || reason === undefined) continue;
    const text = `${holders.length} of ${max} in use. Run ${run.id} is first in line: ${reason}`;
    findings.push(note(`limit ${name}`, text, "`millrace limits` shows who holds it."));
  }
  for (const { name, holder, waiting } of await readLocks(world)) {
    if (waiting.length === 0) continue;
    const held = holder === undefined ? "free" : `held by run ${holder.run}`;
    const text = `It is ${held}, and ${waiting.length} wait.`;
    findings.push(note(`lock ${name}`, text, "`millrace locks` shows who and since when."));
  }
  return findings;
}
