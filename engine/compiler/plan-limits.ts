import type { CompiledWorkflow } from "../model/compiled.ts";
import { everyState, isDistributed } from "../model/every-state.ts";
import { byteLength, type Json, type JsonObject } from "../model/json.ts";
import type { MapState, State, States } from "../model/machine.ts";
import { payloadBytes } from "../model/payload-bytes.ts";
import type { LimitNote } from "../model/plan.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import { expressionFacts } from "./verify-expression.ts";

/** What Step Functions and Lambda allow; the last one is an account's default in a region. */
export const LIMITS = {
  events: 25_000,
  payload: 262_144,
  definition: 1_048_576,
  "inline-map": 40,
  "state-name": 80,
  "expression-depth": 80,
  concurrency: 1_000,
} as const;

/** From this share of a limit on it is near; longer names are cut, so only the longest are told. */
const NEAR: { readonly [limit in Measured]?: number } = { "state-name": 0.95 };
const NEAR_ELSE = 0.8;

type Measured = keyof typeof LIMITS;

/** The limits that runs of a workflow come near, exceed, or may exceed for all that is known. */
export function limitNotes(
  definition: WorkflowDefinition,
  { machine, plan, children }: CompiledWorkflow,
  workflows: readonly WorkflowDefinition[],
): LimitNote[] {
  const states = everyState(machine.States);
  const notes: LimitNote[] = [];
  const hold = (limit: Measured, value: number, what: string): void => {
    const allowed = LIMITS[limit];
    if (value < (NEAR[limit] ?? NEAR_ELSE) * allowed) return;
    const verdict = value > allowed ? "over" : "near";
    notes.push({ limit, verdict, text: `${what} ${number(value)} of ${number(allowed)}` });
  };
  const unbounded = plan.loops.filter(({ max }) => max === undefined).map(({ at }) => at);
  if (plan.events.max !== undefined) hold("events", plan.events.max, "the history may have");
  else if (unbounded.length > 0) {
    const text = `nothing bounds ${[...new Set(unbounded)].join(", ")}: \`.max(…)\` in the schema or \`/** @items 500 */\` does`;
    notes.push({ limit: "events", verdict: "unknown", text });
  }
  hold("payload", payloadBytes(definition.parameters) ?? 0, "the bytes of the parameters may be");
  hold("payload", payloadBytes(definition.result) ?? 0, "the bytes of the result may be");
  hold("payload", Math.max(0, ...states.map(([, state]) => literalBytes(state))), "the bytes of a call are at least");
  hold("definition", byteLength(machine), "the bytes of the machine are");
  hold("state-name", Math.max(0, ...states.map(([name]) => name.length)), "the longest state name has");
  hold("expression-depth", deepest(machine.States), "the deepest expression has levels");
  for (const [name, state] of states) notes.push(...mapNotes(name, state, plan.loops));
  const width = widest(machine.States, plan.loops) * limitOf(definition);
  hold("concurrency", width, "Lambda functions at once may be");
  notes.push(...timeoutNotes(definition, states, children, workflows));
  return notes;
}

function mapNotes(name: string, state: State, loops: Loops): LimitNote[] {
  if (state.Type !== "Map" || isDistributed(state)) return [];
  const least = turnsAtOnce(state, loops);
  if (least <= LIMITS["inline-map"]) return [];
  const text = `${state.Comment ?? name} runs 40 turns at once on AWS, ${Number.isFinite(least) ? number(least) : "as many as there are"} were asked for`;
  return [{ limit: "inline-map", verdict: "near", text }];
}

type Loops = CompiledWorkflow["plan"]["loops"];

/** By what is asked for and by how many there can be. */
function turnsAtOnce({ MaxConcurrency: asked, Comment: at }: MapState, loops: Loops): number {
  const most = loops.find((loop) => loop.kind === "map" && loop.at === at)?.max ?? Infinity;
  return typeof asked === "number" && asked > 0 ? Math.min(asked, most) : most;
}

/** What may take longer than the run itself is cut off by its end. */
function timeoutNotes(
  { timeoutSeconds: run }: WorkflowDefinition,
  states: readonly (readonly [string, State])[],
  children: CompiledWorkflow["children"],
  workflows: readonly WorkflowDefinition[],
): LimitNote[] {
  if (run === undefined) return [];
  const longer = (what: string, seconds = 0): LimitNote[] =>
    seconds <= run
      ? []
      : [{ limit: "timeout", verdict: "over", text: `${what} may take ${seconds} s, and a run ${run} s` }];
  const waitedFor = new Set(children.flatMap(({ workflow, waits }) => (waits ? [workflow] : [])));
  return [
    ...states.flatMap(([name, state]) => longer(name, secondsOf(state))),
    ...[...waitedFor].flatMap((child): LimitNote[] => {
      const seconds = workflows.find(({ name }) => name === child)?.timeoutSeconds;
      if (seconds !== undefined) return longer(`the child ${child}`, seconds);
      return [{ limit: "timeout", verdict: "unknown", text: `the child ${child} has no timeout, and a run ${run} s` }];
    }),
  ];
}

function secondsOf(state: State): number | undefined {
  const seconds = state.Type === "Task" ? state.TimeoutSeconds : state.Type === "Wait" ? state.Seconds : undefined;
  return typeof seconds === "number" ? seconds : undefined;
}

/** Runs at once; one where nothing says it, so that only what a single run does counts. */
function limitOf({ concurrencyLimit }: WorkflowDefinition): number {
  if (concurrencyLimit === undefined) return 1;
  return typeof concurrencyLimit === "number" ? concurrencyLimit : concurrencyLimit.limit;
}

/** Most tasks of one run at once. */
function widest(states: States, loops: Loops): number {
  return Math.max(0, ...Object.values(states).map((state) => widthOf(state, loops)));
}

function widthOf(state: State, loops: Loops): number {
  if (state.Type === "Task") return 1;
  if (state.Type === "Parallel") return state.Branches.reduce((sum, { States }) => sum + widest(States, loops), 0);
  if (state.Type !== "Map") return 0;
  const most = LIMITS[isDistributed(state) ? "concurrency" : "inline-map"];
  return Math.min(turnsAtOnce(state, loops), most) * widest(state.ItemProcessor.States, loops);
}

function deepest(value: States | Json): number {
  if (isExpression(value)) return expressionFacts(value.slice(2, -2)).depth;
  if (typeof value !== "object" || value === null) return 0;
  return Math.max(0, ...Object.values(value as JsonObject).map(deepest));
}

/** Of what a state sends as it is written; what its expressions come to is not known. */
function literalBytes(state: State): number {
  if (state.Type !== "Task") return 0;
  const text = JSON.stringify(state.Arguments ?? null, (_, value: unknown) => (isExpression(value) ? "" : value));
  return Buffer.byteLength(text, "utf8");
}

function isExpression(value: unknown): value is string {
  return typeof value === "string" && value.startsWith("{%");
}

function number(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 0 });
}
