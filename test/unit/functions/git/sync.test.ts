import { cp, rename } from "node:fs/promises";
import { join } from "node:path";
import { direct, memoryBlobs, memoryItems, newTrace, type Trace } from "millrace/testing";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { GIT_REPOSITORIES_SYNC, GIT_REPOSITORY_ADD } from "../../../../catalogue/git.ts";
import { compileCatalogue } from "../../../../engine/compiler/compile.ts";
import { sourceOf } from "../../../../engine/model/workflow.ts";
import { domainPrefix } from "../../../../engine/runtime/invoke.ts";
import { prefixItems } from "../../../../engine/store/prefix.ts";
import { addRepository, syncRepositories } from "../../../../functions/git/flows.ts";
import { SYNC_LIMIT, type RepositoriesSynced } from "../../../../functions/git/models.ts";
import { replaceBranch, writeRepository } from "../../../../functions/git/records.ts";
import { listObjects } from "../../../../functions/git/tasks.ts";
import { runGit } from "../../../../functions/git/run-git.ts";
import { gitServer, silentServer } from "./git-server.ts";
import { commit, emptyRepository, temporaryDirectory } from "./repositories.ts";

const MINUTE = 60_000;

/** A deployment in memory over a git server, with a clock that the test turns. */
async function deployment() {
  const directory = temporaryDirectory();
  const { url } = await gitServer(directory);
  const [items, blobs] = [memoryItems(), memoryBlobs()];
  const clock = { now: Date.parse("2026-03-01T00:00:00Z"), broken: false };
  const add = (parameters: never) => (clock.broken ? Promise.reject(new Error("no room")) : addRepository(parameters));
  const options = (trace: Trace) => ({
    items,
    blobs,
    trace,
    now: clock.now,
    workflows: { [GIT_REPOSITORY_ADD.name]: add },
  });
  return {
    directory,
    clock,
    add: (name: string, branchName = "main") =>
      direct(
        addRepository,
        { location: `${url}/${name}`, repositoryName: name, repositoryId: name, branchName },
        options(newTrace()),
      ),
    /** As if it had been added to the main branch. */
    record: async (name: string, head: string, location = `${url}/${name}`) => {
      const own = prefixItems(items, domainPrefix("direct"));
      const contents = { commit: head, author: "Ada", subject: "First", committedAt: 1, files: 1, entries: ["a"] };
      const stored = { ...contents, blob: `${name}.tar`, size: 1, run: "1", recordedAt: 1, retired: [] };
      await writeRepository(own, name, { name, location, defaultBranch: "trunk" });
      await replaceBranch(own, "main", name, undefined, stored);
    },
    sync: (trace = newTrace()) => direct(syncRepositories, {}, options(trace)),
    heads: async (branch = "main"): Promise<{ [id: string]: string }> => {
      const objects = await direct(() => listObjects({ kind: "Repository", branch }), {}, options(newTrace()));
      return Object.fromEntries(objects.map(({ id, head }) => [id, head]));
    },
  };
}

function movedIn({ moved }: RepositoriesSynced): string[] {
  return moved.map(({ repositoryId, branchName }) => `${repositoryId} in ${branchName}`).sort();
}

describe("the sync of repositories", () => {
  it("is one transition a tick, and a tick that finds nothing new is unchanged", () => {
    const { workflows } = compileCatalogue({ root: ".", workflows: [sourceOf(GIT_REPOSITORIES_SYNC)] });
    expect(workflows[0]?.plan.transitions).toEqual({ min: 1, typical: 1, max: 1 });
    expect(GIT_REPOSITORIES_SYNC.unchanged?.({ checked: 1, moved: [], failed: [] })).toBe(true);
    const moved = [{ repositoryId: "a", branchName: "main", head: "b", run: "c" }];
    expect(GIT_REPOSITORIES_SYNC.unchanged?.({ checked: 1, moved, failed: [] })).toBe(false);
  });

  it("of fifty repositories fetches the two that moved, whatever is wrong with a third", async () => {
    const { directory, record, sync, heads } = await deployment();
    const origin = await emptyRepository(join(directory, "net-0"));
    const first = await commit(origin, "First", { a: "1" });
    const names = Array.from({ length: 50 }, (_, index) => `net-${index}`);
    for (const name of names.slice(1)) await cp(origin, join(directory, name), { recursive: true });
    for (const name of names) await record(name, first);
    const before = await heads();

    const head = await commit(join(directory, "net-7"), "Second", { a: "2" });
    await commit(join(directory, "net-41"), "Second", { a: "2" });
    await rename(join(directory, "net-20"), join(directory, "gone"));
    const trace = newTrace();
    const synced = await sync(trace);
    expect(movedIn(synced)).toEqual(["net-41 in main", "net-7 in main"]);
    expect(synced.checked).toBe(50);
    expect(synced.failed).toEqual([
      { repositoryId: "net-20", message: expect.stringContaining("There is no repository at") as string },
    ]);
    expect(trace.calls.filter(({ task }) => task === "clone-repository")).toHaveLength(2);
    expect(trace.logs.filter(({ level }) => level === "warn")).toMatchObject([{ fields: { repositoryId: "net-20" } }]);
    expect(await heads()).toEqual({ ...before, "net-7": head, "net-41": head });
  });

  it("follows the branch of the same name, the default branch without one and for the main branch", async () => {
    const { directory, add, sync, heads } = await deployment();
    const origin = await emptyRepository(join(directory, "net"));
    const trunk = await commit(origin, "First", { a: "1" });
    await add("net");
    await add("net", "dev/two");
    expect(await heads("dev/two")).toEqual({ net: trunk });

    await runGit(["-C", origin, "checkout", "--quiet", "-b", "dev/two"]);
    const two = await commit(origin, "Second", { b: "2" });
    await runGit(["-C", origin, "branch", "main"]);
    await runGit(["-C", origin, "checkout", "--quiet", "trunk"]);
    expect(movedIn(await sync())).toEqual(["net in dev/two"]);
    expect([await heads("dev/two"), await heads()]).toEqual([{ net: two }, { net: trunk }]);
    expect((await add("net", "dev/two")).status).toBe("unchanged");

    const moved = await commit(origin, "Third", { c: "3" });
    expect(movedIn(await sync())).toEqual(["net in main"]);
    expect([await heads("dev/two"), await heads()]).toEqual([{ net: two }, { net: moved }]);
  });

  it("leaves a head that could not be fetched alone for a while, and not a newer one", async () => {
    const { directory, add, sync, heads, clock } = await deployment();
    const origin = await emptyRepository(join(directory, "net"));
    await commit(origin, "First", { a: "1" });
    await add("net");
    const second = await commit(origin, "Second", { a: "2" });
    clock.broken = true;
    expect(movedIn(await sync())).toEqual(["net in main"]);
    clock.now += MINUTE;
    expect(movedIn(await sync())).toEqual([]);
    clock.now += 14 * MINUTE;
    expect((await sync()).moved).toMatchObject([{ head: second }]);
    const third = await commit(origin, "Third", { a: "3" });
    clock.broken = false;
    expect((await sync()).moved).toMatchObject([{ head: third }]);
    expect(await heads()).toEqual({ net: third });
  });

  it("starts a bounded number of runs a tick, and the rest in the next one", async () => {
    const { directory, record, sync, clock } = await deployment();
    const origin = await emptyRepository(join(directory, "net"));
    await commit(origin, "First", { a: "1" });
    const names = Array.from({ length: SYNC_LIMIT + 3 }, (_, index) => `net-${index}`);
    for (const name of names) await record(name, "an older one", origin);
    clock.broken = true;
    const first = movedIn(await sync());
    const second = movedIn(await sync());
    expect([first.length, second.length]).toEqual([SYNC_LIMIT, 3]);
    expect([...first, ...second].sort()).toEqual(names.map((name) => `${name} in main`).sort());
    expect(movedIn(await sync())).toEqual([]);
  });

  it("gives up a remote that does not answer in time", async () => {
    const { directory, record, sync } = await deployment();
    const head = await commit(await emptyRepository(join(directory, "net")), "First", { a: "1" });
    const patience = new AbortController();
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    const patient = (ms: number): AbortSignal => (ms === 10_000 ? patience.signal : timeout(ms));
    const spied = vi.spyOn(AbortSignal, "timeout").mockImplementation(patient);
    onTestFinished(() => spied.mockRestore());
    await record("net", head, join(directory, "net"));
    await record("silent", head, `${await silentServer(() => patience.abort())}/x.git`);
    const { checked, failed } = await sync();
    expect(checked).toBe(2);
    expect(failed.filter(({ repositoryId }) => repositoryId === "silent")).toEqual([
      { repositoryId: "silent", message: expect.stringContaining("(no answer within 10 s)") as string },
    ]);
  });

  it("does nothing where nothing is recorded", async () => {
    expect(await (await deployment()).sync()).toEqual({ checked: 0, moved: [], failed: [] });
  });
});
