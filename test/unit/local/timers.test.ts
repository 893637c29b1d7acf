import { setImmediate } from "node:timers/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Database } from "../../../engine/local/sqlite/database.ts";
import { LocalTimers } from "../../../engine/local/timers.ts";
import { VirtualClock } from "../../../engine/testing/virtual-clock.ts";
import { temporaryFolder } from "./temporary.ts";

const START = Date.UTC(2027, 0, 1);

function open(path: string, clock: VirtualClock) {
  const database = new Database(path);
  onTestFinished(() => database.close());
  const timers = new LocalTimers(database, clock);
  const rung: string[] = [];
  const ring = async (run: string): Promise<void> => void rung.push(`${run} at ${clock.now() - START}`);
  return { timers, rung, start: () => timers.start(ring) };
}

it("rings at its time, once, in whichever process drives", async () => {
  const clock = new VirtualClock(START);
  const path = join(temporaryFolder(), "millrace.db");
  const [driver, other] = [open(path, clock), open(path, clock)];
  driver.start();
  await driver.timers.at("late", "greet", START + 90_000);
  await other.timers.at("soon", "greet", START + 10_000);
  await other.timers.at("cancelled", "greet", START + 20_000);
  driver.timers.poll();
  await other.timers.cancel("cancelled");
  await clock.advance(100_000);
  expect(driver.rung).toEqual(["soon at 10000", "late at 90000"]);
  expect(other.rung).toEqual([]);
});

it("rings for what was due while nobody drove, and not once it stopped", async () => {
  const clock = new VirtualClock(START);
  const path = join(temporaryFolder(), "millrace.db");
  const [first, second] = [open(path, clock), open(path, clock)];
  await first.timers.at("missed", "greet", START + 1_000);
  await first.timers.at("missed", "greet", START + 2_000);
  first.start();
  first.timers.stop();
  await clock.advance(5_000);
  second.start();
  await clock.advance(0);
  await setImmediate();
  expect([first.rung, second.rung]).toEqual([[], ["missed at 5000"]]);
});
