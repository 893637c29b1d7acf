import type { SweepReport } from "../model/sweep.ts";
import { currentScope } from "./scope.ts";

/** Repairs what crashes and lost events left, as a step of a flow: `clean-up-deadlocks` is the flow that calls it. */
export async function sweep(): Promise<SweepReport> {
  return currentScope("sweep").sweep();
}
