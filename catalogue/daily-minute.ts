import { createHash } from "node:crypto";

/** A minute of the hour that stays the same for a deployment and differs between deployments, so that they spread. */
export function dailyMinute(deployment: string, workflow: string): number {
  return createHash("sha256").update(`${deployment}\n${workflow}`).digest().readUInt32BE() % 60;
}
