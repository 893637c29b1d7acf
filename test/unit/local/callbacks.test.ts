import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Callbacks } from "../../../engine/local/callbacks.ts";
import { finishExecution, startExecution, stopExecution } from "../../../engine/local/executions.ts";
import { Database } from "../../../engine/local/sqlite/database.ts";
import { temporaryFolder } from "./temporary.ts";

const NOW = 1_000;
const DONE = { output: { n: 1 } };
const signal = new AbortController().signal;

function open(path: string) {
  const database = new Database(path);
  onTestFinished(() => database.close());
  return { database, callbacks: new Callbacks(database) };
}

/** An execution with a state that waits under "token", and the same database as another process sees it. */
async function waiting(until?: number) {
  const path = join(temporaryFolder(), "millrace.db");
  const here = open(path);
  const execution = "arn:aws:states:local:000000000000:execution:local_greet:run";
  const started = await startExecution(
    here.database,
    { execution, workflow: "greet", run: "run", input: {} },
    "hash",
    0,
  );
  const id = started?.id ?? 0;
  const mine = here.callbacks.of(id);
  await mine.open("token", until);
  return { ...here, mine, id, execution, other: open(path) };
}

describe("an answer to a token", () => {
  it("reaches the state that waits, before and after it does", async () => {
    const { callbacks, mine } = await waiting();
    const early = mine.wait("token", signal);
    expect(await callbacks.answer("token", DONE, NOW)).toBe("answered");
    expect(await early).toEqual(DONE);
    expect(await mine.wait("token", signal)).toEqual(DONE);
    expect(mine.answerTo("token")).toEqual(DONE);
  });

  it("of another process reaches it at the next look, and is durable before that process knows", async () => {
    const { callbacks, mine, other } = await waiting();
    const answer = mine.wait("token", signal);
    expect(await other.callbacks.answer("token", DONE, NOW)).toBe("answered");
    expect(mine.answerTo("token")).toEqual(DONE);
    callbacks.poll();
    expect(await answer).toEqual(DONE);
  });

  it("is too late where the token is unknown, was answered, closed or forgotten", async () => {
    const { callbacks, mine, other } = await waiting();
    expect(await callbacks.answer("unknown", DONE, NOW)).toBe("gone");
    expect(await callbacks.answer("token", DONE, NOW)).toBe("answered");
    expect(await other.callbacks.answer("token", { output: 2 }, NOW)).toBe("gone");
    expect(mine.answerTo("token")).toEqual(DONE);
    mine.forget("token");
    expect(await callbacks.answer("token", DONE, NOW)).toBe("gone");
    await mine.open("second", undefined);
    expect(await mine.close("second")).toBeUndefined();
    expect(await callbacks.answer("second", DONE, NOW)).toBe("gone");
  });

  it("is too late from its time on", async () => {
    const { callbacks } = await waiting(NOW);
    expect(await callbacks.answer("token", DONE, NOW)).toBe("gone");
    expect(await callbacks.answer("token", DONE, NOW - 1)).toBe("answered");
  });

  it("is too late where the execution has ended or shall stop", async () => {
    const ended = await waiting();
    await finishExecution(ended.database, ended.id, { status: "FAILED", error: "E" }, NOW);
    expect(await ended.callbacks.answer("token", DONE, NOW)).toBe("gone");
    const stopped = await waiting();
    await stopExecution(stopped.other.database, stopped.execution, { name: "RunCancelled", cause: "enough" });
    expect(await stopped.callbacks.answer("token", DONE, NOW)).toBe("gone");
  });

  it("counts where it came before the token was closed, and stays", async () => {
    const { callbacks, mine } = await waiting();
    await callbacks.answer("token", DONE, NOW);
    expect(await mine.close("token")).toEqual(DONE);
    expect(mine.answerTo("token")).toEqual(DONE);
  });

  it("is kept where the token is opened once more, by the process that goes on", async () => {
    const { callbacks, mine } = await waiting();
    await callbacks.answer("token", DONE, NOW);
    await mine.open("token", undefined);
    expect(mine.answerTo("token")).toEqual(DONE);
  });
});
