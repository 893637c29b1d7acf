import type { WorkflowDefinition } from "../engine/model/workflow.ts";
import { GIT_REPOSITORIES_SYNC, GIT_REPOSITORY_ADD } from "./git.ts";
import { ANONYMOUS_TELEMETRY_SEND } from "./telemetry.ts";
import { CLEAN_UP_DEADLOCKS } from "./upkeep.ts";
import { CUSTOM_VALIDATION } from "./validation.ts";

/** Every workflow that runs; one that is exported and missing here is refused. */
export const WORKFLOWS: readonly WorkflowDefinition[] = [
  ANONYMOUS_TELEMETRY_SEND,
  CLEAN_UP_DEADLOCKS,
  CUSTOM_VALIDATION,
  GIT_REPOSITORIES_SYNC,
  GIT_REPOSITORY_ADD,
];
