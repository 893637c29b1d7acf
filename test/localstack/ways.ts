import { randomUUID } from "node:crypto";
import type { Workflows } from "../../engine/client/connect.ts";
import { readCause } from "../../engine/model/cause.ts";
import type { RunError } from "../../engine/model/errors.ts";
import type { Json, JsonObject } from "../../engine/model/json.ts";
import { idempotentRunId, runIdOf } from "../../engine/model/run-id.ts";
import type { LogLine, Run, Step } from "../../engine/model/run.ts";
import { checkParameters, staticTags, type WorkflowDefinition } from "../../engine/model/workflow.ts";
import { domainPrefix } from "../../engine/runtime/invoke.ts";
import { prefixItems } from "../../engine/store/prefix.ts";
import type { Items } from "../../engine/store/items.ts";
import { direct } from "../../engine/testing/direct.ts";
import { newTrace } from "../../engine/testing/trace.ts";
import { memoryBlobs } from "../../engine/testing/memory-blobs.ts";
import { memoryItems } from "../../engine/testing/memory-items.ts";
import { endedRaw, rawCalls, settled, startRaw, type RawCall } from "./deployed.ts";

/** How a run ended at its caller: the result, or the error's name and message. */
export interface Ending {
  readonly result?: Json;
  readonly error?: { readonly name: string; readonly message: string };
}

/** What one way of running a workflow brought. */
export interface Outcome {
  readonly ending: Ending;
  readonly tags: readonly string[];
  /** The run's record; a direct call has none. */
  readonly run?: Run;
  /** Task calls with their inputs and results. */
  readonly calls?: readonly RawCall[];
  /** The timeline: name, kind, attempt and state of each step. */
  readonly steps?: readonly string[];
  /** Messages of the log lines; asked again, as a log may show them later. */
  logs(): Promise<string[]>;
}

/** A way of running workflows over stores of its own, so that the same parameters mean the same in each. */
export interface Way {
  /** The items of the domain `git`. */
  readonly items: Items;
  run(definition: WorkflowDefinition, flow: Flow, parameters: JsonObject): Promise<Outcome>;
}

export type Flow = (parameters: never) => Promise<Json>;

/** The flow called as the plain function that it is. */
export function directly(): Way {
  const items = memoryItems();
  const blobs = memoryBlobs();
  return {
    items: prefixItems(items, domainPrefix("direct")),
    run: async (definition, flow, parameters) => {
      const trace = newTrace();
      const checked = checkParameters(definition, parameters);
      const ending = await endingOf(direct(flow as (given: Json) => Promise<Json>, checked, { items, blobs, trace }));
      const tags = [...new Set([...staticTags(definition), ...trace.tags])].sort();
      return { ending, tags, calls: trace.calls, logs: async () => messages(trace.logs) };
    },
  };
}

/** Submitted by our own client and awaited there, on whichever platform that is. */
export function byClient(workflows: Workflows, items: Items): Way {
  return {
    items: prefixItems(items, domainPrefix("git")),
    run: async (definition, _, parameters) => {
      const idempotencyKey = randomUUID();
      const result = workflows.executeWorkflow(definition, { parameters, idempotencyKey });
      const ending = await endingOf(result as Promise<Json>);
      const id = idempotentRunId(definition.name, idempotencyKey);
      return { ending, ...(await recorded(workflows, id)) };
    },
  };
}

/** Started with StartExecution and watched with DescribeExecution, as without Millrace; then found by our client. */
export function byHand(stack: string, workflows: Workflows, items: Items): Way {
  return {
    items: prefixItems(items, domainPrefix("git")),
    run: async (definition, _, parameters) => {
      const execution = await startRaw(stack, definition.name, parameters);
      const { output, error, cause } = await endedRaw(execution);
      const ending: Ending =
        output === undefined
          ? { error: nameAndMessage(readCause(error, cause)) }
          : { result: JSON.parse(output) as Json };
      const calls = await rawCalls(execution);
      return { ending, calls, ...(await recorded(workflows, runIdOf(execution))) };
    },
  };
}

async function recorded(workflows: Workflows, id: string): Promise<Omit<Outcome, "ending">> {
  const run = await settled(workflows, id);
  const steps = (await workflows.steps(id)).map(describeStep);
  return { run, tags: run.tags, steps, logs: async () => messages(await workflows.logs(id)) };
}

async function endingOf(result: Promise<Json>): Promise<Ending> {
  try {
    return { result: await result };
  } catch (error) {
    return { error: nameAndMessage(error as Error) };
  }
}

function nameAndMessage({ name, message }: RunError): { readonly name: string; readonly message: string } {
  return { name, message };
}

function describeStep({ name, kind, attempt, state, at }: Step): string {
  return `${name} ${kind} ${attempt} ${state} ${at}`;
}

function messages(lines: readonly LogLine[]): string[] {
  return lines.map(({ level, message, step }) => `${level} ${step} ${message}`);
}
