import type { WaitingEvent } from "../model/event.ts";
import { hasFailed, type LogLevel, type LogLine, type Run, type RunState, type Step } from "../model/run.ts";
import { formatDuration, formatTime } from "./duration.ts";
import { styled, type Style } from "./output.ts";
import { formatTable } from "./table.ts";
import type { TimelineEvent } from "./timeline.ts";

/** How runs, steps and log lines read to people. */

const STATE_STYLE: { readonly [state in RunState]: Style } = {
  scheduled: "dim",
  queued: "dim",
  running: "blue",
  completed: "green",
  failed: "red",
  cancelled: "yellow",
  "timed-out": "red",
};
const LEVEL_STYLE: { readonly [level in LogLevel]: Style } = {
  debug: "dim",
  info: "cyan",
  warn: "yellow",
  error: "red",
};
const MARK = { running: styled("blue", "▸"), completed: styled("green", "✓"), failed: styled("red", "✗") };
const NAME_WIDTH = 40;

/** `completed in 1.24 s` */
export function stateText(run: Run): string {
  const state = styled(STATE_STYLE[run.state], run.state);
  const took = tookText(run);
  return took === "" ? state : `${state} in ${took}`;
}

function tookText(run: Run): string {
  return "endedAt" in run ? formatDuration(run.endedAt - (run.startedAt ?? run.createdAt)) : "";
}

/** One event of a timeline; nothing for the beginning of a step that takes no time, and for what only holds others. */
export function eventText(event: TimelineEvent): string | undefined {
  if (event.kind === "log") return `    ${logText(event.line)}`;
  const { kind, step } = event;
  if (CONTAINERS.has(step.kind)) return undefined;
  if (kind === "ended") return `  ${stepText(step)}`;
  return TAKES_TIME.has(step.kind) ? `  ${stepLine(step, "running", "")}` : undefined;
}

const CONTAINERS: ReadonlySet<Step["kind"]> = new Set(["map", "parallel"]);
const TAKES_TIME: ReadonlySet<Step["kind"]> = new Set(["task", "wait", "child"]);

export function stepText(step: Step): string {
  const { state, startedAt, endedAt, error, omittedItems } = step;
  const lines = [stepLine(step, state, endedAt === undefined ? "" : formatDuration(endedAt - startedAt))];
  if (error !== undefined) lines.push(`      ${styled("red", error.name)}: ${error.message}`);
  if (omittedItems !== undefined)
    lines.push(`      ${styled("dim", `${omittedItems} items before these are not shown`)}`);
  return lines.join("\n");
}

function stepLine({ name, attempt, at = "" }: Step, state: Step["state"], took: string): string {
  const full = attempt === 1 ? name : `${name} (attempt ${attempt})`;
  const title = full.length > NAME_WIDTH ? `${full.slice(0, NAME_WIDTH - 1)}…` : full;
  return `${MARK[state]} ${title.padEnd(NAME_WIDTH)} ${took.padStart(9)}  ${styled("dim", at)}`.trimEnd();
}

/** A step that waits for an answer, and the command that gives it. */
export function waitingText(run: string, { step, event, until }: WaitingEvent, stack?: string): string[] {
  const place = stack === undefined ? "" : ` --stack ${stack}`;
  return [
    `  waits for ${styled("bold", event)} until ${formatTime(until)}; answer it with`,
    `    npx millrace answer ${run} '${step}' --value '<json>'${place}`,
  ];
}

/** `info   cloned 3 branches {"commit":"…"}` */
export function logText({ level, message, fields }: LogLine): string {
  const rest =
    fields === undefined || Object.keys(fields).length === 0 ? "" : ` ${styled("dim", JSON.stringify(fields))}`;
  return `${styled(LEVEL_STYLE[level], level.padEnd(5))}  ${message}${rest}`;
}

/** Where a run failed: the error of a timeout, a child or an expression names no line, but the step that ended with it. */
export function failedAt(run: Run, steps: readonly Step[]): string | undefined {
  if (!hasFailed(run.state) || !("error" in run)) return undefined;
  return run.error.at ?? steps.findLast(({ state }) => state === "failed")?.at;
}

/** The record of a run: title, facts, result or error. */
export function runText(run: Run, steps: readonly Step[] = []): string {
  const at = failedAt(run, steps);
  const facts: string[][] = [
    ["run", run.id],
    ["workflow", run.workflow],
    ["created", formatTime(run.createdAt)],
    ...(run.progress === undefined ? [] : [["progress", `${Math.floor(run.progress)} %`]]),
    ...(run.parent === undefined ? [] : [["parent", run.parent]]),
    ...(run.retryOf === undefined ? [] : [["retry of", run.retryOf]]),
    ...(run.limit === undefined ? [] : [["limit", run.limit]]),
    ...(run.startAt === undefined ? [] : [["starts", formatTime(run.startAt)]]),
    ...(run.cancelRequestedAt === undefined ? [] : [["told to stop", formatTime(run.cancelRequestedAt)]]),
    ...(run.parameters === undefined ? [] : [["parameters", JSON.stringify(run.parameters)]]),
    ...(Object.keys(run.context).length === 0 ? [] : [["context", JSON.stringify(run.context)]]),
    ...run.tags.map((tag, index) => [index === 0 ? "tags" : "", tag]),
    ...("result" in run ? [["result", JSON.stringify(run.result)]] : []),
    ...("error" in run ? [["error", `${run.error.name}: ${run.error.message}`]] : []),
    ...(at === undefined ? [] : [["", `at ${at}`]]),
  ];
  const table = formatTable(facts.map(([name = "", value = ""]) => [`  ${name}`, value]));
  return `${styled("bold", run.name)}  ${stateText(run)}\n${table}`;
}

/** Runs, one a line. */
export function runTable(runs: readonly Run[]): string {
  return formatTable(
    runs.map((run) => [
      run.id,
      run.state,
      formatTime(run.createdAt),
      tookText(run),
      run.workflow,
      run.name === run.workflow ? "" : run.name,
    ]),
  );
}
