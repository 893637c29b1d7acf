import type { Log } from "millrace";

/** A metric of its own: one that cannot be measured is null, is said in the log, and leaves the others alone. */
export async function measure(log: Log, metric: string, count: () => Promise<number>): Promise<number | null> {
  try {
    return await count();
  } catch (error) {
    log.warn(`Metric ${metric} could not be measured: ${(error as Error).message}`);
    return null;
  }
}
