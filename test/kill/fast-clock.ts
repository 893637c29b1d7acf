import { systemClock } from "../../engine/local/system-clock.ts";
import type { Clock } from "../../engine/model/clock.ts";

const SPEED = 20;
const START = Date.UTC(2026, 0);

/** The same moment in every process, and time that passes faster, so that no pause before a retry is waited for. */
export const fastClock: Clock = {
  now: () => START + (Date.now() - START) * SPEED,
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / SPEED, signal),
};
