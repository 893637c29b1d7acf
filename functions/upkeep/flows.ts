import { sweep, type SweepReport } from "millrace";

export async function cleanUpDeadlocks(): Promise<SweepReport> {
  return await sweep();
}
