import { join } from "node:path";
import { connect, type Workflows } from "../client/connect.ts";
import type { Platform } from "../client/platform.ts";
import type { World } from "../coordination/world.ts";
import { ErrorName, MillraceError } from "../model/errors.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";
import { loadCatalogue } from "../runtime/load.ts";

/** The checkout that this command line belongs to. */
export const ROOT = join(import.meta.dirname, "..", "..");

/** Of every command that reaches a platform. */
export interface PlatformOptions {
  /** A deployed stack's name; the local platform where it is left out. */
  readonly stack?: string;
}

export interface Session {
  readonly platform: Platform;
  readonly workflows: Workflows;
}

/**
 * Opens the platform for one command and closes it after: a deployed stack by its name, else the local one. `drive`: the
 * local runs go on in this process where no other one drives them.
 */
export async function withSession<T>(
  stack: string | undefined,
  body: (session: Session) => Promise<T>,
  { drive = false } = {},
): Promise<T> {
  const platform = await openPlatform(stack, drive);
  try {
    return await body({ platform, workflows: connect(platform) });
  } finally {
    await platform.close();
  }
}

/** A session with what coordination itself stands on, for what operators do to limits, locks, schedules and runs. */
export interface Operation extends Session {
  readonly world: World;
}

export function withWorld<T>(stack: string | undefined, body: (operation: Operation) => Promise<T>): Promise<T> {
  return withSession(stack, async (session) =>
    body({ ...session, world: await session.platform.world(await loadCatalogue(ROOT)) }),
  );
}

async function openPlatform(stack: string | undefined, drive: boolean): Promise<Platform> {
  if (stack === undefined || stack === "local") return (await import("../local/local.ts")).local({ drive });
  return (await import("../aws/aws.ts")).aws({ stack });
}

/** @throws MillraceError `WorkflowNotFound` */
export async function findWorkflow(name: string): Promise<WorkflowDefinition> {
  const workflows = await loadCatalogue(ROOT);
  const found = workflows.find((workflow) => workflow.name === name);
  if (found !== undefined) return found;
  throw new MillraceError(
    ErrorName.WORKFLOW_NOT_FOUND,
    `The catalogue has no workflow ${JSON.stringify(name)}; it has ${workflows.map((workflow) => workflow.name).join(", ")}.`,
  );
}
