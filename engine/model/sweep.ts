import * as z from "zod";

/** What one sweep looked at and repaired. */
export const SweepReport = z.object({
  /** Runs in the index of open runs, the sweep's own among them. */
  openRuns: z.number(),
  /** Runs whose machine had ended without their record knowing. */
  settled: z.number(),
  /** Runs that were admitted and whose machine had not been started. */
  started: z.number(),
  /** Slots and locks of owners that are gone. */
  released: z.number(),
  /** Free slots and locks given to the next in line. */
  granted: z.number(),
  /** Runs ended: those that waited in line for too long, or are executed by a parent that is gone. */
  cancelled: z.number(),
  /** Parents and waiting states that were told what they wait for. */
  answered: z.number(),
  /** What could not be repaired, one line each. */
  problems: z.array(z.string()),
});
export type SweepReport = z.infer<typeof SweepReport>;

export const NOTHING_SWEPT: SweepReport = {
  openRuns: 0,
  settled: 0,
  started: 0,
  released: 0,
  granted: 0,
  cancelled: 0,
  answered: 0,
  problems: [],
};
