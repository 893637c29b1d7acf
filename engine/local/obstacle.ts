import { ErrorName, isMillraceError } from "../model/errors.ts";
import type { Catalogue } from "./catalogue.ts";
import { otherHolder } from "./lease.ts";
import type { Database } from "./sqlite/database.ts";

export interface ObstacleOptions {
  readonly database: Database;
  readonly directory: string;
  readonly now: number;
  readonly catalogue: () => Promise<Catalogue>;
}

/** Why no run goes on here. */
export function undriven({ database, directory, now }: ObstacleOptions): string | undefined {
  if (otherHolder(database, "", now) !== undefined) return undefined;
  return `No process drives the runs in ${directory}: \`npm start\` does until it is stopped, \`millrace run\` while it waits.`;
}

/** Why a workflow cannot run here. */
export async function unusable(workflow: string, { catalogue }: ObstacleOptions): Promise<string | undefined> {
  try {
    (await catalogue()).compiled(workflow);
    return undefined;
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    return error.name === ErrorName.INVALID_DEFINITION
      ? "The catalogue does not compile: `millrace check` names each mistake."
      : error.message;
  }
}
