import { Contended } from "../coordination/contended.ts";
import type { World } from "../coordination/world.ts";
import { newRunId, type RandomBytes } from "../model/run-id.ts";
import { executionArn } from "../model/wire.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import { LocalMachines, type LocalMachinesOptions } from "./machines.ts";
import { sqliteItems } from "./sqlite/items.ts";
import type { LocalTimers } from "./timers.ts";

/** Stands where a stack's name stands on AWS. */
export const LOCAL_NAME = "local";

export interface LocalWorldOptions extends LocalMachinesOptions {
  readonly timers: LocalTimers;
  readonly randomBytes: RandomBytes;
  readonly workflows: () => readonly WorkflowDefinition[];
}

/** The world of coordination in this process. */
export function localWorld(options: LocalWorldOptions): World {
  const { database, timers, now, randomBytes, workflows } = options;
  return {
    items: sqliteItems(database),
    machines: new LocalMachines(options),
    timers,
    contended: new Contended(now),
    workflows,
    now,
    newId: () => newRunId(now(), randomBytes),
    executionOf: (workflow, run) => executionArn("local", "000000000000", LOCAL_NAME, workflow, run),
  };
}
