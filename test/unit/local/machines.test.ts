import { describe, expect, it } from "vitest";
import { Callbacks } from "../../../engine/local/callbacks.ts";
import { Definitions } from "../../../engine/local/definitions.ts";
import { finishExecution, startExecution } from "../../../engine/local/executions.ts";
import { LocalMachines } from "../../../engine/local/machines.ts";
import { Database } from "../../../engine/local/sqlite/database.ts";
import { IN_MEMORY } from "../../../engine/local/sqlite/open-database.ts";

/** 1,200 executions that began at 0, 1, 2, … and whose every third runs; every second is one of `greet`. */
async function machines() {
  const database = new Database(IN_MEMORY);
  const begin = async (n: number): Promise<void> => {
    const request = { execution: `run ${n}`, workflow: n % 2 === 0 ? "greet" : "hold", run: `${n}`, input: { n } };
    const id = (await startExecution(database, request, "hash", n))?.id ?? 0;
    if (n % 3 !== 0) await finishExecution(database, id, { status: "FAILED", error: "E", cause: "why" }, n + 10);
  };
  await Promise.all(Array.from({ length: 1_200 }, (_, n) => begin(n)));
  return new LocalMachines({
    database,
    definitions: new Definitions(database),
    callbacks: new Callbacks(database),
    catalogue: () => Promise.reject(new Error("not asked for")),
    driver: () => undefined,
    now: () => 0,
  });
}

describe("the machines", () => {
  it("list executions of a workflow, newest first, that run or have begun and ended since", async () => {
    const local = await machines();
    const open = await Array.fromAsync(local.list("greet", "RUNNING"));
    expect(open).toHaveLength(200);
    expect(open[0]).toEqual({ execution: "run 1194", status: "RUNNING", startedAt: 1_194 });
    expect((await Array.fromAsync(local.list("greet", { endedSince: 1_190 }))).map((one) => one.execution)).toEqual([
      "run 1198",
      "run 1196",
      "run 1192",
      "run 1190",
    ]);
    expect(await Array.fromAsync(local.list("unknown", { endedSince: 0 }))).toEqual([]);
  });

  it("describe an execution in its last status", async () => {
    const local = await machines();
    const facts = { execution: "run 4", startedAt: 4, input: { n: 4 } };
    expect(await local.describe("run 4")).toEqual({
      ...facts,
      status: "FAILED",
      endedAt: 14,
      error: "E",
      cause: "why",
    });
    expect(await local.describe("run 3")).toEqual({
      execution: "run 3",
      status: "RUNNING",
      startedAt: 3,
      input: { n: 3 },
    });
    expect(await local.describe("run 5000")).toBeUndefined();
  });
});
