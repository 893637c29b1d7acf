import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Database } from "../../../engine/local/sqlite/database.ts";
import { ErrorName } from "../../../engine/model/errors.ts";
import { VirtualClock } from "../../../engine/testing/virtual-clock.ts";
import { CATCH, DETACH, GREET, HOLD, INSIDE, JOIN, ONE, SWEEP, WAIT_FOR_HOLD } from "./fixture/catalogue/index.ts";
import { gates } from "./fixture/functions/sample/gates.ts";
import { platforms, type Opened } from "./platform.ts";

const { newDirectory, open } = platforms();

/** The run that executes `hold`, and its child, once that works. */
async function parentOfHold({ workflows }: Opened, name: string) {
  const { id } = await workflows.submitWorkflow(WAIT_FOR_HOLD, { parameters: { name } });
  await gates.entered(name);
  const { runs } = await workflows.queryRuns({ workflow: HOLD.name });
  const child = runs.find(({ parent }) => parent === id);
  return { id, child: child?.id ?? "" };
}

describe("a run that executes another", () => {
  it("has its result, and shows it as a step of its own", async () => {
    const opened = open(newDirectory());
    const { id, child } = await parentOfHold(opened, "result");
    expect(await opened.workflows.steps(id)).toMatchObject([{ kind: "child", state: "running" }]);
    gates.open("result");
    expect(await opened.workflows.waitForRun(id)).toMatchObject({ state: "completed", result: 1 });
    expect(await opened.workflows.getRun(child)).toMatchObject({ state: "completed", parent: id });
    expect(await opened.workflows.steps(id)).toMatchObject([{ kind: "child", state: "completed" }]);
  });

  it("sees its error under its own name", async () => {
    const { workflows } = open(newDirectory());
    expect(await workflows.executeWorkflow(CATCH, { parameters: { name: "7" } })).toBe("RangeError: 7 is out of range");
  });

  it("does so from a task too", async () => {
    const { workflows } = open(newDirectory());
    expect(await workflows.executeWorkflow(INSIDE, { parameters: { name: "Ada" } })).toBe("Hello Ada");
  });

  it("is woken by whichever platform drives its child, after the death of the one that started both", async () => {
    const directory = newDirectory();
    const first = open(directory);
    const { id, child } = await parentOfHold(first, "moved");
    await first.platform.close();
    const second = open(directory);
    gates.open("moved");
    expect(await second.workflows.waitForRun(id)).toMatchObject({ state: "completed", result: 1 });
    expect((await second.workflows.queryRuns({ workflow: HOLD.name })).runs.map((run) => run.id)).toEqual([child]);
  });

  it("has one child for each branch, turn and item of a join, also after the death of its process", async () => {
    const directory = newDirectory();
    const first = open(directory);
    const { id } = await first.workflows.submitWorkflow(JOIN, { parameters: { name: "join" } });
    const names = ["join", "join 0", "join 1", "join item 0", "join item 1"];
    await Promise.all(names.map((name) => gates.entered(name)));
    const childrenOf = async ({ workflows }: Opened): Promise<string[]> =>
      (await workflows.queryRuns({ parent: id })).runs.map((run) => `${run.parameters?.["name"] as string} ${run.id}`);
    const children = await childrenOf(first);
    expect(children.map((one) => one.slice(0, one.lastIndexOf(" "))).sort()).toEqual(names);
    await first.platform.close();
    const second = open(directory);
    names.forEach((name) => gates.open(name));
    expect(await second.workflows.waitForRun(id)).toMatchObject({ state: "completed", result: 5 });
    expect(await childrenOf(second)).toEqual(children);
    const steps = (await second.workflows.steps(id)).filter(({ kind }) => kind === "child").map(({ name }) => name);
    expect(new Set(steps)).toEqual(
      new Set([
        "execute hold",
        ...["execute hold 2[0]", "execute hold 2[1]", "execute hold 3[0]", "execute hold 3[1]"],
      ]),
    );
  });

  it("takes it along when it is cancelled, at once, and by another process", async () => {
    const directory = newDirectory();
    const [first, second] = [open(directory), open(directory)];
    await first.platform.start();
    const { id, child } = await parentOfHold(first, "cancelled");
    expect(await second.workflows.cancelRun(id)).toMatchObject({ cancelRequestedAt: expect.any(Number) as number });
    expect(second.platform.driving).toBe(false);
    expect(await first.workflows.waitForRun(id)).toMatchObject({
      state: "cancelled",
      error: { name: ErrorName.RUN_CANCELLED },
    });
    expect(await first.workflows.waitForRun(child)).toMatchObject({ state: "cancelled" });
    await gates.aborted("cancelled");
    await expect(second.workflows.cancelRun(id)).rejects.toMatchObject({ name: ErrorName.RUN_ENDED });
  });
});

describe("a run that submits another", () => {
  it("ends before it, and does not take it along", async () => {
    const { workflows } = open(newDirectory());
    const child = await workflows.executeWorkflow(DETACH, { parameters: { name: "detached" } });
    expect(await workflows.getRun(child)).toMatchObject({ state: "running", workflow: "hold" });
    gates.open("detached");
    expect(await workflows.waitForRun(child)).toMatchObject({ state: "completed" });
  });
});

describe("a limit", () => {
  it("lets the next in line run when the one before ends, or is cancelled", async () => {
    const { workflows } = open(newDirectory());
    const submitted = async (name: string) => (await workflows.submitWorkflow(ONE, { parameters: { name } })).id;
    const [first, second, third] = [await submitted("1st"), await submitted("2nd"), await submitted("3rd")];
    await gates.entered("1st");
    expect(await workflows.getRun(second)).toMatchObject({ state: "queued" });
    await workflows.cancelRun(first);
    await gates.entered("2nd");
    expect(await workflows.getRun(third)).toMatchObject({ state: "queued" });
    gates.open("2nd");
    gates.open("3rd");
    expect(await workflows.waitForRun(third)).toMatchObject({ state: "completed" });
    expect(await workflows.waitForRun(second)).toMatchObject({ state: "completed" });
  });
});

describe("a run that was submitted for later", () => {
  it("starts at its time, on whichever platform drives then", async () => {
    const directory = newDirectory();
    const clock = new VirtualClock(Date.UTC(2027, 0, 1));
    const startAt = clock.now() + 3_600_000;
    const first = open(directory, { clock });
    const request = { workflow: "greet", parameters: { name: "Lea" }, startAt };
    const { id } = await first.platform.submit(GREET, request);
    const { id: dropped } = await first.platform.submit(GREET, { ...request, parameters: { name: "Max" } });
    await first.workflows.cancelRun(dropped);
    await first.platform.close();
    const { platform, workflows } = open(directory, { clock });
    await platform.start();
    await clock.advance(3_599_999);
    expect(await workflows.getRun(id)).toMatchObject({ state: "scheduled" });
    await clock.advance(1);
    await expect.poll(() => workflows.getRun(id)).toMatchObject({ state: "completed", startedAt: startAt });
    expect(await workflows.getRun(dropped)).toMatchObject({ state: "cancelled" });
  });
});

describe("a sweep in a flow", () => {
  it("reports what it did", async () => {
    const { workflows } = open(newDirectory());
    expect(await workflows.executeWorkflow(SWEEP, { parameters: { name: "sweep" } })).toBe(0);
  });
});

describe("tokens of ended runs", () => {
  it("are forgotten with the entry that has their answer", async () => {
    const directory = newDirectory();
    const { platform, workflows } = open(directory);
    await workflows.executeWorkflow(CATCH, { parameters: { name: "8" } });
    await platform.close();
    const database = new Database(join(directory, "millrace.db"));
    expect(database.read(() => database.prepare("SELECT * FROM callbacks").all())).toEqual([]);
    database.close();
  });
});
