import { describe, expect, it } from "vitest";
import { readLock } from "../../../engine/coordination/lock-state.ts";
import { acquireForFlow, releaseForFlow } from "../../../engine/coordination/locks.ts";
import type { Json } from "../../../engine/model/json.ts";
import { executionArn, type AcquireLocks, type ReleaseLocks } from "../../../engine/model/wire.ts";
import { fakeWorld } from "../coordination/fake-world.ts";
import { MemoryCallbacks, START, trial } from "../machine/trial.ts";
import { goldenMachine } from "./flows.ts";

const holder = "0193a0b1-0000-7000-8000-000000000001";

/** Runs a flow while another run holds the lock that it waits for. */
async function runBeside(flow: string, lock: { readonly namespace?: string; readonly name: string }) {
  const world = fakeWorld();
  const callbacks = new MemoryCallbacks();
  const notified: Json[] = [];
  await acquireForFlow(world, {
    acquire: lock,
    run: executionArn("test", "000000000000", "test", "other", holder),
    step: "acquire it",
    at: "functions/other/flows.ts:1",
    entered: new Date(world.time).toISOString(),
    attempt: 1,
    token: "other",
    context: {},
    drainSeconds: 0,
  });
  world.machines.answer = async (token, answer) => callbacks.answer(token, answer);
  const call = async (payload: Json): Promise<Json> => {
    const request = payload as unknown as AcquireLocks | ReleaseLocks | { readonly input: Json };
    if ("release" in request) return releaseForFlow(world, request);
    if ("acquire" in request) return acquireForFlow(world, request).then(() => null);
    notified.push(request.input);
    return null;
  };
  const tasks = new Proxy({}, { get: () => call });
  const input = {
    id: lock.name,
    depth: 0,
    big: false,
    orders: [{ id: lock.name, urgent: false, amount: 1, lines: [] }],
  };
  const { outcome, clock, calls } = await trial(goldenMachine(flow), { input, tasks, callbacks });
  const name = [...(lock.namespace === undefined ? [] : [lock.namespace]), lock.name].join(".");
  const { waiting } = await readLock(world, name);
  const since = new Date(world.time).toISOString();
  return { outcome, notified, waiting, seconds: (clock.now() - START) / 1000, calls: calls.length, since };
}

const message = (name: string, seconds: number, since: string): string =>
  `Lock "${name}" was not granted within ${seconds} s: run ${holder} (step "acquire it") holds it since ${since}. Give a longer timeoutSeconds, or see who holds it with \`millrace locks\`.`;

describe("A wait for a lock that times out", () => {
  it("ends a run that does not catch it with the error of the lock, in one state more, and leaves the line", async () => {
    const { outcome, waiting, seconds, calls, since } = await runBeside("locked", { namespace: "order", name: "x" });
    expect(outcome).toMatchObject({ status: "FAILED", error: "LockTimedOut" });
    const { cause = "" } = outcome as { readonly cause?: string };
    expect(JSON.parse(cause)).toMatchObject({ errorMessage: message("order.x", 30, since) });
    expect({ waiting, seconds, calls }).toEqual({ waiting: [], seconds: 30, calls: 2 });
  });

  it("is the same error where the flow catches it", async () => {
    const { outcome, notified, waiting, since } = await runBeside("lockInTry", { name: "x" });
    expect(outcome).toEqual({ status: "SUCCEEDED", output: message("x", 5, since) });
    expect([notified, waiting]).toEqual([["LockTimedOut"], []]);
  });

  it("is the same error where it comes out of a loop", async () => {
    const { outcome, waiting, since } = await runBeside("lockInEach", { namespace: "order", name: "x" });
    expect(outcome).toEqual({ status: "SUCCEEDED", output: message("order.x", 60, since) });
    expect(waiting).toEqual([]);
  });
});
