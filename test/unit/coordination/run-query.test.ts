import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runKey } from "../../../engine/coordination/keys.ts";
import { countRuns } from "../../../engine/coordination/run-count.ts";
import { MAX_EDGES, queryRuns } from "../../../engine/coordination/run-index.ts";
import type { RunFilter } from "../../../engine/coordination/run-query.ts";
import { addTags } from "../../../engine/coordination/run-tags.ts";
import { Database } from "../../../engine/local/sqlite/database.ts";
import { sqliteItems } from "../../../engine/local/sqlite/items.ts";
import { renderTag, renderTags, WorkflowTag } from "../../../engine/model/tags.ts";
import { isEnded, RunState, type EndState, type Run } from "../../../engine/model/run.ts";
import type { Items } from "../../../engine/store/items.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";
import { lagging } from "../store/lagging.ts";
import { counted, end, inShortPages, isHidden, record, runOf } from "./recorded-runs.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 24);

/** All pages, none of which may read more than it is allowed to. */
async function all(inner: Items, filter: RunFilter, limit = 50): Promise<string[]> {
  const items = counted(inner);
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    items.queried = 0;
    const page = await queryRuns(items, { ...filter, limit, ...(cursor === undefined ? {} : { cursor }) }, NOW);
    expect(page.runs.length).toBeLessThanOrEqual(limit);
    expect(items.queried).toBeLessThanOrEqual(MAX_EDGES);
    found.push(...page.runs.map((run) => run.id));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}

interface Known {
  readonly id: string;
  readonly deferred: boolean;
}

type Step = (items: Items, known: Known[]) => Promise<void>;

const TAGS = renderTags({ branches: ["main", "b1"], nodes: ["n1"], others: ["a", "b"] });
const tags = fc.subarray(TAGS, { maxLength: 2 });
const workflow = fc.constantFrom("v", "w");
/** Ten months, so that edges lie in several partitions and some in none. */
const time = fc.integer({ min: 0, max: 300 }).map((day) => NOW - day * DAY);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const one = (known: Known[], nth: number): Known | undefined => known[nth % Math.max(1, known.length)];

const submitted: fc.Arbitrary<Step> = fc
  .record({
    createdAt: time,
    workflow,
    name: fc.constantFrom("Add X", "add y", "z"),
    tags,
    child: maybe(fc.nat()),
    waits: fc.boolean(),
    deferred: fc.boolean(),
  })
  .map(({ child, waits, deferred, ...given }) => async (items, known) => {
    const parent = child === undefined || deferred ? undefined : one(known, child)?.id;
    const id = await record(items, {
      ...given,
      ...(parent === undefined ? {} : { parent }),
      ...(waits ? { waits } : {}),
      ...(deferred ? { deferred } : {}),
    });
    known.push({ id, deferred });
  });
const tagged: fc.Arbitrary<Step> = fc.tuple(fc.nat(), tags).map(([nth, added]) => async (items, known) => {
  const run = one(known, nth);
  if (run !== undefined) await addTags(items, run.id, added);
});
const ended: fc.Arbitrary<Step> = fc
  .tuple(fc.nat(), fc.constantFrom<EndState>("completed", "failed", "cancelled", "timed-out"), fc.boolean())
  .map(([nth, state, unchanged]) => async (items, known) => {
    const run = one(known, nth);
    if (run !== undefined) await end(items, run.id, state, NOW, unchanged && run.deferred && state === "completed");
  });
const history = fc.array(fc.oneof({ weight: 3, arbitrary: submitted }, tagged, { weight: 2, arbitrary: ended }), {
  minLength: 1,
  maxLength: 50,
  size: "max",
});

const parts = {
  tags: fc.subarray(TAGS, { maxLength: 2 }),
  branch: fc.constantFrom("main", "b1"),
  node: fc.constant("n1"),
  state: fc.constantFrom(...Object.values(RunState), "open" as const),
  workflow,
  name: fc.constantFrom("ADD", "x", "Z"),
  from: time,
  to: time,
  includeUnchanged: fc.boolean(),
};
/** One part alone finds many runs, several together few. */
const filter: fc.Arbitrary<RunFilter> = fc.oneof(
  { weight: 9, arbitrary: fc.record<RunFilter>(parts, { requiredKeys: [] }) },
  ...Object.entries(parts).map(([part, value]) => (value as fc.Arbitrary<unknown>).map((one) => ({ [part]: one }))),
);
/** Filters, each with the number of the run whose children it asks for. */
const filters = fc.array(fc.tuple(filter, maybe(fc.nat())), { minLength: 4, maxLength: 8 });

function finds({ deferred }: Known, run: Run, filter: RunFilter): boolean {
  const { branch, node, state, parent, name = "", from = 0, to = Infinity } = filter;
  const wanted = [
    ...(filter.tags ?? []),
    ...(branch === undefined ? [] : [renderTag(WorkflowTag.BRANCH, branch)]),
    ...(node === undefined ? [] : [renderTag(WorkflowTag.RELATED_NODE, node)]),
  ];
  const open = state !== undefined && (state === "open" || !isEnded(state));
  return (
    wanted.every((tag) => run.tags.includes(tag)) &&
    (filter.workflow === undefined || run.workflow === filter.workflow) &&
    (state === undefined || (state === "open" ? !isEnded(run.state) : run.state === state)) &&
    (parent === undefined || run.parent === parent) &&
    run.name.toLowerCase().includes(name.toLowerCase()) &&
    run.createdAt >= from &&
    run.createdAt <= to &&
    (filter.includeUnchanged === true || open || !isHidden(run, deferred))
  );
}

async function modelOf(items: Items, known: readonly Known[], filter: RunFilter): Promise<string[]> {
  const runs = await Promise.all(known.map(async (one) => ({ one, run: await runOf(items, one.id) })));
  return runs
    .filter(({ one, run }) => finds(one, run, filter))
    .map(({ run }) => run)
    .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
    .map((run) => run.id);
}

/** A history, what is asked after it, the size of our pages and of the store's. */
const generated = [history, filters, fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 5 })] as const;

describe("queries", () => {
  it("find what going through all runs finds, in pages that miss and repeat nothing, and count it", async () => {
    await fc.assert(
      fc.asyncProperty(...generated, async (steps, given, limit, most) => {
        const items = inShortPages(memoryItems(), most);
        const known: Known[] = [];
        for (const step of steps) await step(items, known);
        for (const [asked, parentOf] of given) {
          const parent = parentOf === undefined ? undefined : one(known, parentOf)?.id;
          const filter = { ...asked, ...(parent === undefined ? {} : { parent }) };
          const expected = await modelOf(items, known, filter);
          expect(await all(items, filter, limit)).toEqual(expected);
          expect(await countRuns(items, filter, NOW)).toEqual({ count: expected.length, more: false });
        }
      }),
      { numRuns: 100 },
    );
  });

  it("find over an index that lags nothing wrong and nothing twice, and all of it once it has caught up", async () => {
    await fc.assert(
      fc.asyncProperty(...generated, async (steps, given, limit, most) => {
        const items = inShortPages(lagging(memoryItems(), 50), most);
        const known: Known[] = [];
        for (const step of steps) await step(items, known);
        for (const [filter] of given) {
          const found = await all(items, filter, limit);
          const expected = await modelOf(items, known, filter);
          expect(found).toEqual(expected.filter((id) => found.includes(id)));
        }
        for (let read = 0; read < 50; read += 1) await items.get(runKey("none"));
        for (const [filter] of given)
          expect(await all(items, filter, limit)).toEqual(await modelOf(items, known, filter));
      }),
      { numRuns: 30 },
    );
  });

  it("answer in one query whether anything is still changing a branch", async () => {
    const items = memoryItems();
    for (let other = 0; other < 200; other += 1) await record(items, { createdAt: NOW - other });
    const changing = { branch: "b1", tags: [renderTag(WorkflowTag.DATABASE_CHANGE)], state: "open" } as const;
    const ids = [];
    for (const deferred of [false, true]) {
      const id = await record(items, { createdAt: NOW, ...(deferred ? { deferred } : {}) });
      expect(await all(items, changing)).toEqual([]);
      await addTags(items, id, renderTags({ branches: ["b1"], databaseChange: true }));
      expect(await all(items, changing)).toEqual([id]);
      await end(items, id, "failed", NOW);
      ids.unshift(id);
    }
    expect(await all(items, changing)).toEqual([]);
    expect(await all(items, { branch: "b1", state: "failed" })).toEqual(ids);
  });

  it("read few edges where one of three filters is rare, whichever it is", async () => {
    const items = counted(sqliteItems(new Database(":memory:")));
    const isRare = (index: number): boolean => index % 1_000 === 7;
    const write = async (index: number): Promise<string> => {
      const branch = renderTag(WorkflowTag.BRANCH, isRare(index) ? "rare" : "main");
      const given = { createdAt: NOW - index * 1_000, workflow: isRare(index) ? "rare" : "often", tags: [branch] };
      const id = await record(items, given);
      if (index % 500 === 7) await end(items, id, "failed", NOW);
      return id;
    };
    const ids = await Promise.all(Array.from({ length: 4_000 }, (_, index) => write(index)));
    const rare = ids.filter((_, index) => isRare(index));
    const filters: RunFilter[] = [
      { branch: "rare", name: "r" },
      { branch: "rare", tags: ["infrahub.app/branch/rare"], state: "running" },
      { workflow: "rare", tags: ["infrahub.app/branch/rare"] },
      { workflow: "rare", state: "failed", branch: "rare" },
    ];
    for (const filter of filters) {
      items.queried = items.got = 0;
      const page = await queryRuns(items, filter, NOW);
      expect(page.cursor).toBeUndefined();
      expect(page.runs.map((run) => run.id)).toEqual(filter.state === "running" ? [] : rare);
      expect(items.queried).toBeLessThanOrEqual(400);
      expect(items.got).toBeLessThanOrEqual(200);
    }
    items.got = 0;
    expect(await countRuns(items, { workflow: "rare" }, NOW)).toEqual({ count: 4, more: false });
    expect(await countRuns(items, { workflow: "rare", state: "failed" }, NOW)).toEqual({ count: 4, more: false });
    expect(await countRuns(items, { workflow: "often" }, NOW)).toEqual({ count: 1_000, more: true });
    expect(items.got).toBe(0);
    expect(await countRuns(items, { workflow: "often", name: "often", state: "failed" }, NOW)).toEqual({
      count: 4,
      more: false,
    });
    expect(await all(items, { name: "rare" }, 3)).toEqual(rare);
  });

  it("count a thousand exactly, and one more as more", async () => {
    const items = sqliteItems(new Database(":memory:"));
    const filters: RunFilter[] = [{ workflow: "w" }, { workflow: "w", name: "W" }];
    await Promise.all(Array.from({ length: 1_000 }, (_, index) => record(items, { createdAt: NOW - index })));
    for (const filter of filters) expect(await countRuns(items, filter, NOW)).toEqual({ count: 1_000, more: false });
    await record(items, { createdAt: NOW - 2_000 });
    for (const filter of filters) expect(await countRuns(items, filter, NOW)).toEqual({ count: 1_000, more: true });
  });
});

describe("bad input", () => {
  it.each<[string, object]>([
    ["an unknown state", { state: "done" }],
    ["a time that is none", { from: NaN }],
    ["a time before all", { to: -1 }],
    ["a tag that cannot be", { tags: ["a#b"] }],
    ["a branch that cannot be", { branch: "a\nb" }],
    ["a page of none", { limit: 0 }],
    ["a page above 200", { limit: 201 }],
    ["a cursor from nowhere", { cursor: "nonsense" }],
  ])("%s is refused with one clear error", async (_, query) => {
    await expect(queryRuns(memoryItems(), query, NOW)).rejects.toMatchObject({ name: "InvalidRequest" });
  });

  it("refuses the cursor of every other query", async () => {
    const items = memoryItems();
    for (const createdAt of [NOW, NOW - 1]) await record(items, { createdAt, tags: ["a"] });
    const { cursor = "" } = await queryRuns(items, { tags: ["a"], limit: 1 }, NOW);
    expect((await queryRuns(items, { tags: ["a"], cursor }, NOW)).runs).toHaveLength(1);
    for (const other of [
      {},
      { name: "x" },
      { branch: "a" },
      { parent: "a" },
      { includeUnchanged: true },
      { to: NOW },
    ]) {
      const query = { tags: ["a"], ...other, cursor };
      const asked = queryRuns(items, Object.keys(other).length === 0 ? { cursor } : query, NOW);
      await expect(asked).rejects.toThrow("does not belong to this query");
    }
  });
});
