import { afterAll, expect, it } from "vitest";
import { NOTHING_COUNTED } from "./agreement.ts";
import { failureOf } from "./check.ts";
import { Workshop } from "./compile.ts";

const PROGRAMS = 300;
const workshop = new Workshop();
afterAll(() => workshop.close());

// More of them, with other seeds: npm run test:generated -- --programs 10000 --seed 1
it(`runs ${PROGRAMS} generated programs as functions and as machines alike`, async () => {
  const tally = { ...NOTHING_COUNTED };
  expect(await failureOf({ seed: 5, count: PROGRAMS }, workshop, tally)).toBe(undefined);
  // They do something, and not the same: else the generator has gone narrow.
  expect(tally.calls).toBeGreaterThan(3 * tally.runs);
  expect(tally.failed).toBeGreaterThan(tally.runs / 20);
  expect(tally.exact).toBeGreaterThan(tally.runs / 10);
  expect(tally.transitions).toBeLessThan(tally.priced);
}, 180_000);
