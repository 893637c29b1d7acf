import * as z from "zod";
import { openEntries } from "../../../engine/coordination/open-index.ts";
import { settle } from "../../../engine/coordination/settle.ts";
import { submit, type Origin } from "../../../engine/coordination/submit.ts";
import type { StatusEvent } from "../../../engine/coordination/world.ts";
import { WorkflowType, type WorkflowDefinition } from "../../../engine/model/workflow.ts";
import type { SubmitRequest } from "../../../engine/model/wire.ts";
import type { FakeWorld } from "./fake-world.ts";

/** A workflow that takes anything and answers anything. */
export function workflow(name: string, options: Partial<WorkflowDefinition> = {}): WorkflowDefinition {
  return {
    name,
    type: WorkflowType.INTERNAL,
    module: "git/flows",
    function: "flow",
    parameters: z.looseObject({}),
    result: z.unknown(),
    tags: [],
    ...options,
  };
}

/** Submits a run a millisecond after the last, and answers its id. */
export async function start(
  world: FakeWorld,
  definition: WorkflowDefinition,
  request: Partial<SubmitRequest> = {},
  origin: Origin = {},
): Promise<string> {
  world.time += 1;
  const { id } = await submit(world, definition, { workflow: definition.name, parameters: {}, ...request }, origin);
  return id;
}

/** Ends the execution of a run, and tells settle of it unless the event shall be lost. */
export async function finish(
  world: FakeWorld,
  run: string,
  end: Partial<StatusEvent> = {},
  event: "told" | "lost" = "told",
): Promise<void> {
  const found = [...world.executions.values()].find(({ execution }) => execution.endsWith(`:${run}`));
  if (found === undefined) throw new Error(`run ${run} has no execution`);
  world.time += 1;
  const ended: StatusEvent = { ...found, status: "SUCCEEDED", endedAt: world.time, output: null, ...end };
  world.executions.set(found.execution, ended);
  if (event === "told") await settle(world, ended);
}

/** Ids of the runs in the index of what is open. */
export async function openIds({ items }: Pick<FakeWorld, "items">): Promise<string[]> {
  return (await openEntries(items)).map(({ id }) => id);
}

/** Tells settle of executions that were stopped. */
export async function tellStopped(world: FakeWorld): Promise<void> {
  for (const event of [...world.executions.values()]) if (event.status === "ABORTED") await settle(world, event);
}
