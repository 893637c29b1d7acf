import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ErrorName } from "../../../engine/model/errors.ts";
import type { Json } from "../../../engine/model/json.ts";
import type { Blobs } from "../../../engine/store/blobs.ts";
import {
  absent,
  and,
  compare,
  exists,
  holds,
  isNew,
  not,
  or,
  type Condition,
} from "../../../engine/store/condition.ts";
import type { Attribute, Item, Items, Key, Query } from "../../../engine/store/items.ts";
import { arbitraryCondition, arbitraryItem, arbitraryJson, arbitrarySequence } from "./arbitrary.ts";
import { modelItems } from "./model.ts";

export interface ContractOptions {
  /** Why this store cannot be tested here. */
  readonly skip?: string | undefined;
  /** Why prefixes of this store ignore case, which no store that runs go through may do. */
  readonly prefixesIgnoreCase?: string;
  /** Runs of each property; fewer for a store behind a network. */
  readonly runs?: number;
}

/** How long an eventual read may take to show a write, and how often it is asked. */
const SOON = { interval: 5, timeout: 10_000 };

/** What every item store promises; run over each of them, and over one that lags wherever the port lets it. */
export function itemsContract(
  name: string,
  make: () => Promise<{ items: Items; close(): Promise<void> }>,
  { skip, prefixesIgnoreCase, runs = 50 }: ContractOptions = {},
): void {
  describe.skipIf(skip !== undefined)(skip === undefined ? name : `${name} (${skip})`, () => {
    let items: Items;
    let close: () => Promise<void>;
    beforeAll(async () => {
      const made = await make();
      items = made.items;
      close = () => made.close();
    });
    afterAll(async () => {
      await close();
    });

    /** A partition that no other test uses. */
    const partition = (): string => `P#${randomUUID()}`;
    const newKey = (): Key => ({ pk: partition(), sk: "#" });
    const read = (key: Key): Promise<Item | undefined> => items.get(key, { consistent: true });

    describe("get and put", () => {
      it("finds nothing where nothing was put", async () => {
        expect(await read(newKey())).toBeUndefined();
        expect(await items.get(newKey())).toBeUndefined();
      });

      it("reads what was put and answers with it", async () => {
        const item = { ...newKey(), colour: "red" };
        expect(await items.put(item)).toEqual({ ok: true, item });
        expect(await read(item)).toEqual(item);
      });

      it("shows it to an eventual read in the end", async () => {
        const item = { ...newKey(), colour: "red" };
        await items.put(item);
        await vi.waitFor(async () => expect(await items.get(item)).toEqual(item), SOON);
      });

      it("replaces the whole item", async () => {
        const key = newKey();
        await items.put({ ...key, colour: "red", size: 3 });
        await items.put({ ...key, colour: "blue" });
        expect(await read(key)).toEqual({ ...key, colour: "blue" });
      });

      it("keeps items of one partition, and partitions, apart", async () => {
        const { pk } = newKey();
        await items.put({ pk, sk: "a", value: 1 });
        await items.put({ pk, sk: "b", value: 2 });
        await items.put({ pk: `${pk}x`, sk: "a", value: 3 });
        expect(await read({ pk, sk: "a" })).toEqual({ pk, sk: "a", value: 1 });
        expect(await read({ pk, sk: "b" })).toEqual({ pk, sk: "b", value: 2 });
      });

      it("gives copies: a caller's changes never reach the store", async () => {
        const key = newKey();
        const list = ["a"];
        await items.put({ ...key, list });
        list.push("b");
        const found = await read(key);
        (found?.["list"] as string[]).push("c");
        expect(await read(key)).toEqual({ ...key, list: ["a"] });
      });
    });

    describe("attributes", () => {
      const values: readonly [string, Attribute][] = [
        ["null", null],
        ["true", true],
        ["false", false],
        ["zero", 0],
        ["the largest safe whole number", Number.MAX_SAFE_INTEGER],
        ["the smallest safe whole number", Number.MIN_SAFE_INTEGER],
        ["a fraction", -0.1],
        ["a number of 17 digits", 0.30000000000000004],
        ["a large number", 1.7976931348623157e100],
        ["a small number", 5e-100],
        ["the empty text", ""],
        ["a text of several lines", 'two\nlines and a "quote" \\ \u0000 \u2028'],
        ["a text beyond the basic plane", "Zürich 東京 🚆 \uffff"],
        ["an empty list", []],
        ["an empty object", {}],
        ["a nested value", { a: [1, { b: null, c: [[], {}, "", false] }], "d.e": { "f[0]": 1.5 }, name: "x" }],
        ["a set of one", new Set(["only"])],
        ["a set", new Set(["b", "a", "ü", " ", "🚆"])],
      ];
      it.each(values)("keeps %s", async (_, value) => {
        const item = { ...newKey(), value };
        expect(await items.put(item)).toEqual({ ok: true, item });
        expect(await read(item)).toEqual(item);
        const { item: updated } = await items.update(item, { set: { copy: value }, setIfAbsent: { first: value } });
        expect(updated).toEqual({ ...item, copy: value, first: value });
      });

      it("keeps any JSON value", async () => {
        const key = newKey();
        await fc.assert(
          fc.asyncProperty(arbitraryJson, async (value) => {
            await items.put({ ...key, value });
            expect(await read(key)).toEqual({ ...key, value });
          }),
          { numRuns: runs },
        );
      });

      it("knows no empty set: one is removed", async () => {
        const key = newKey();
        const none = new Set<string>();
        expect((await items.put({ ...key, none, some: new Set(["a"]) })).item).toEqual({
          ...key,
          some: new Set(["a"]),
        });
        const emptied = await items.update(key, {
          set: { some: none },
          setIfAbsent: { first: none },
          add: { more: none },
        });
        expect(emptied).toEqual({ ok: true, item: key });
        expect(await read(key)).toEqual(key);
      });

      const names = ["ttl", "status", "name", "size", "h:0198c0de-1#2", "#", ":v", "a.b", "a[0]", "ü 🚆", "set", "__x"];
      it.each(names)("takes an attribute named %s everywhere", async (attribute) => {
        const key = newKey();
        expect((await items.put({ ...key, [attribute]: 1 }, { when: absent(attribute) })).ok).toBe(true);
        expect((await items.update(key, { add: { [attribute]: 1 } }, { when: compare(attribute, "=", 1) })).ok).toBe(
          true,
        );
        const next = { nextOf: { counter: attribute, to: [attribute, `${attribute}2`] } };
        expect((await items.update(key, next)).item).toEqual({ ...key, [attribute]: 3, [`${attribute}2`]: 3 });
        await items.update(key, { remove: [attribute], setIfAbsent: { [`${attribute}2`]: 9 } });
        expect(await read(key)).toEqual({ ...key, [`${attribute}2`]: 3 });
        expect((await items.delete(key, { when: exists(attribute) })).ok).toBe(false);
      });

      const keys = [
        "#",
        " ",
        "a b",
        "a#b",
        "a/b",
        "ü",
        "東京",
        "🚆",
        "'",
        '"',
        "%",
        "_",
        "\\",
        "\u0001",
        "x".repeat(500),
      ];
      it.each(keys)("takes the key %s", async (text) => {
        const item = { pk: `${partition()}${text}`, sk: text, value: 1 };
        await items.put(item);
        expect(await read(item)).toEqual(item);
        expect((await items.query({ pk: item.pk, consistent: true })).items).toEqual([item]);
        expect((await items.query({ pk: item.pk, sk: { prefix: text }, consistent: true })).items).toEqual([item]);
      });
    });

    describe("conditions", () => {
      const before = {
        number: 5,
        same: 5,
        more: 6,
        text: "b",
        later: "c",
        flag: true,
        nothing: null,
        list: [1, { a: 2 }],
        twin: [1, { a: 2 }],
        tags: new Set(["a", "b"]),
        tagsToo: new Set(["b", "a"]),
      };
      const operators = ["=", "<>", "<", "<=", ">", ">="] as const;
      const operands = [4, 5, 6, -1, "a", "b", "c", "", "5", true, false, null];
      const left = ["number", "text", "flag", "nothing", "list", "tags", "missing"];
      const right = [
        "number",
        "same",
        "more",
        "text",
        "later",
        "flag",
        "nothing",
        "twin",
        "tagsToo",
        "missing",
        "lost",
      ];
      const comparisons: Condition[] = left.flatMap((attribute) =>
        operators.flatMap((is) => [
          ...operands.map((to) => compare(attribute, is, to)),
          ...right.filter((other) => other !== attribute).map((other) => compare(attribute, is, { attribute: other })),
        ]),
      );
      const [yes, no] = [exists("number"), exists("missing")];
      const logic: Condition[] = [
        ...[yes, no, absent("number"), absent("missing"), isNew, not(isNew), exists("nothing"), exists("pk")],
        ...[
          and(),
          or(),
          not(and()),
          and(yes),
          or(no),
          and(yes, no),
          or(yes, no),
          not(and(yes, no)),
          not(not(or(no, yes))),
        ],
        ...[and(or(no, yes), not(no), and(yes, or(yes, no))), or(and(yes, no), and(), no), and(or(), yes)],
        ...[not(compare("missing", "=", 1)), not(compare("missing", "<>", 1)), not(compare("text", "<", 1))],
      ];

      it("holds exactly where `holds` says, on an item and on none", async () => {
        const [there, none] = [newKey(), newKey()];
        await items.put({ ...there, ...before });
        const wrong: Condition[] = [];
        const expected = { ...there, ...before };
        await inBatches([...comparisons, ...logic], async (when) => {
          // A refused or granted write that changes nothing tells what the store thinks of the condition.
          const { ok } = await items.update(there, {}, { when });
          if (ok !== holds(when, expected)) wrong.push(when);
          const onNone = await items.delete(none, { when });
          if (onNone.ok !== holds(when, undefined)) wrong.push(when);
        });
        expect(wrong).toEqual([]);
        expect(await read(there)).toEqual(expected);
        expect(await read(none)).toBeUndefined();
      });

      it("orders text by the bytes of its UTF-8", async () => {
        const key = newKey();
        await items.put({ ...key, low: "\uffff", high: "🚆", text: "Z" });
        expect((await items.update(key, {}, { when: compare("low", "<", { attribute: "high" }) })).ok).toBe(true);
        expect((await items.update(key, {}, { when: compare("high", ">", "\ue000") })).ok).toBe(true);
        expect((await items.update(key, {}, { when: compare("text", "<", "a") })).ok).toBe(true);
      });

      it("gives the loser the item that won", async () => {
        const winner = { ...newKey(), owner: "first", tags: new Set(["a"]), n: 1 };
        expect(await items.put(winner, { when: isNew })).toEqual({ ok: true, item: winner });
        expect(await items.put({ ...winner, owner: "second" }, { when: isNew })).toEqual({ ok: false, item: winner });
        const when = compare("owner", "=", "second");
        expect(await items.update(winner, { set: { n: 2 } }, { when })).toEqual({ ok: false, item: winner });
        expect(await items.delete(winner, { when })).toEqual({ ok: false, item: winner });
        expect(await read(winner)).toEqual(winner);
      });

      it("gives the loser nothing where there is no item, and makes none", async () => {
        const key = newKey();
        const when = exists("pk");
        expect(await items.put({ ...key }, { when })).toEqual({ ok: false, item: undefined });
        expect(await items.update(key, { set: { a: 1 } }, { when })).toEqual({ ok: false, item: undefined });
        expect(await items.delete(key, { when })).toEqual({ ok: false, item: undefined });
        expect(await read(key)).toBeUndefined();
      });
    });

    describe("update", () => {
      it("makes an item that has only its key first", async () => {
        const [one, two] = [newKey(), newKey()];
        expect(await items.update(one, {})).toEqual({ ok: true, item: one });
        expect(await read(one)).toEqual(one);
        const made = { ...two, a: 1, n: 2, tags: new Set(["x"]), c: 1 };
        const update = { set: { a: 1 }, add: { n: 2, tags: new Set(["x"]) }, nextOf: { counter: "z", to: ["c"] } };
        expect(await items.update(two, update, { when: isNew })).toEqual({ ok: true, item: made });
        expect(await read(two)).toEqual(made);
      });

      it("applies all parts at once to the item as it was", async () => {
        const key = newKey();
        await items.put({ ...key, n: 5, m: 1, old: "x", gone: true, tags: new Set(["a"]), kept: null, other: [1] });
        const update = {
          set: { old: "y", fresh: { deep: [1] } },
          setIfAbsent: { kept: "no", first: "yes" },
          add: { n: 10, m: -3, tags: new Set(["b", "a"]), more: new Set(["c"]), zero: 0 },
          remove: ["gone", "missing"],
          nextOf: { counter: "n", to: ["grant", "h:run#1"] },
        };
        const after = {
          ...{ ...key, n: 15, m: -2, old: "y", tags: new Set(["a", "b"]), kept: null, other: [1], zero: 0 },
          ...{ fresh: { deep: [1] }, first: "yes", more: new Set(["c"]), grant: 6, "h:run#1": 6 },
        };
        expect(await items.update(key, update)).toEqual({ ok: true, item: after });
        expect(await read(key)).toEqual(after);
      });

      it("changes the counter of nextOf only where it is listed", async () => {
        const key = newKey();
        await items.update(key, { nextOf: { counter: "g", to: ["a"] } });
        expect(await read(key)).toEqual({ ...key, a: 1 });
        await items.update(key, { nextOf: { counter: "g", to: ["b", "g"] } });
        await items.update(key, { nextOf: { counter: "g", to: ["c", "g"] } });
        expect(await read(key)).toEqual({ ...key, a: 1, b: 1, c: 2, g: 2 });
      });

      const refused = [
        ["adds a number to a text", { add: { text: 1 } }],
        ["adds a number to a set", { add: { tags: 1 } }],
        ["adds a set to a number", { add: { n: new Set(["a"]) } }],
        ["counts on a text", { nextOf: { counter: "text", to: ["x"] } }],
        ["sets a part of the key", { set: { sk: "other" } }],
        ["removes a part of the key", { remove: ["pk"] }],
        ["names an attribute twice", { set: { n: 1 }, add: { n: 1 } }],
      ] as const;
      it.each(refused)("refuses an update that %s, and changes nothing", async (_, update) => {
        const item = { ...newKey(), text: "x", n: 1, tags: new Set(["a"]) };
        await items.put(item);
        await expect(items.update(item, { ...update, setIfAbsent: { also: 1 } })).rejects.toThrow();
        expect(await read(item)).toEqual(item);
      });
    });

    describe("delete", () => {
      it("answers with what it deleted, or with the key", async () => {
        const item = { ...newKey(), value: 1 };
        await items.put(item);
        expect(await items.delete(item, { when: compare("value", "=", 1) })).toEqual({ ok: true, item });
        expect(await read(item)).toBeUndefined();
        expect(await items.delete(item)).toEqual({ ok: true, item: { pk: item.pk, sk: item.sk } });
      });
    });

    describe("query", () => {
      const inOrder = ["!", "#", "0", "10", "2", "Q", "Z", "a", "a!", "a#1", "a#2", "b", "é", "ﬀ", "\uffff", "🚆"];
      let pk: string;
      beforeAll(async () => {
        pk = partition();
        for (const sk of inOrder.toSorted()) await items.put({ pk, sk, value: sk });
        await items.put({ pk: `${pk}#`, sk: "a" });
      });
      const keysOf = async (query: Omit<Query, "pk">): Promise<string[]> =>
        (await all(items, { ...query, pk, consistent: true })).map((item) => item.sk);

      it("answers with whole items in order of the bytes of their sort keys", async () => {
        const page = await items.query({ pk, consistent: true });
        expect(page.items).toEqual(inOrder.map((sk) => ({ pk, sk, value: sk })));
        expect(await keysOf({ reverse: true })).toEqual(inOrder.toReversed());
        expect((await items.query({ pk: partition(), consistent: true })).items).toEqual([]);
      });

      const ranges: readonly [string, Query["sk"], readonly string[]][] = [
        ["from and to, both inclusive", { from: "Z", to: "a#1" }, ["Z", "a", "a!", "a#1"]],
        ["from alone", { from: "b" }, ["b", "é", "ﬀ", "\uffff", "🚆"]],
        ["to alone", { to: "0" }, ["!", "#", "0"]],
        ["bounds that are no keys", { from: "#0", to: "9" }, ["0", "10", "2"]],
        ["from equal to to", { from: "b", to: "b" }, ["b"]],
        ["from after to", { from: "b", to: "a" }, []],
        ["an empty from", { from: "", to: "#" }, ["!", "#"]],
        ["an empty to", { to: "" }, []],
        ["no bound", {}, inOrder],
        ["a prefix", { prefix: "a" }, ["a", "a!", "a#1", "a#2"]],
        ["a prefix in several bytes", { prefix: "🚆" }, ["🚆"]],
        ["a prefix that nothing has", { prefix: "ab" }, []],
        ["an empty prefix", { prefix: "" }, inOrder],
      ];
      it.each(ranges)("takes %s", async (_, sk, expected) => {
        expect(await keysOf({ ...(sk && { sk }) })).toEqual(expected);
        expect(await keysOf({ ...(sk && { sk }), reverse: true })).toEqual(expected.toReversed());
        expect(await keysOf({ ...(sk && { sk }), limit: 2 })).toEqual(expected);
        expect(await keysOf({ ...(sk && { sk }), limit: 1, reverse: true })).toEqual(expected.toReversed());
      });

      it("takes every character of a prefix as it stands", async () => {
        const own = partition();
        for (const sk of ["a%b", "a*b", "a?b", "a[b", "a_b", "axb", "a\\b"]) await items.put({ pk: own, sk });
        for (const prefix of ["a%", "a*", "a?", "a[", "a_", "a\\"]) {
          const found = await all(items, { pk: own, sk: { prefix }, consistent: true });
          expect(found.map((item) => item.sk)).toEqual([`${prefix}b`]);
        }
      });

      const heedsCase = prefixesIgnoreCase === undefined ? "" : ` (skipped: ${prefixesIgnoreCase})`;
      it.skipIf(prefixesIgnoreCase !== undefined)(`heeds the case of a prefix${heedsCase}`, async () => {
        const own = partition();
        for (const sk of ["Ab", "aB", "ab", "Ü", "ü"]) await items.put({ pk: own, sk });
        const found = await all(items, { pk: own, sk: { prefix: "a" }, consistent: true });
        expect(found.map((item) => item.sk)).toEqual(["aB", "ab"]);
        expect((await all(items, { pk: own, sk: { prefix: "ü" }, consistent: true })).map((item) => item.sk)).toEqual([
          "ü",
        ]);
      });

      it("fills pages up to the limit and goes on at the cursor, whatever happens in between", async () => {
        const own = partition();
        for (const sk of ["a", "b", "c", "d", "e"]) await items.put({ pk: own, sk });
        const first = await items.query({ pk: own, limit: 2, consistent: true });
        expect(first.items.map((item) => item.sk)).toEqual(["a", "b"]);
        expect(first.cursor).toBeTypeOf("string");
        await items.delete({ pk: own, sk: "b" });
        await items.put({ pk: own, sk: "bb" });
        await items.put({ pk: own, sk: "aa" });
        const rest = await all(items, { pk: own, consistent: true, ...(first.cursor && { cursor: first.cursor }) });
        expect(rest.map((item) => item.sk)).toEqual(["bb", "c", "d", "e"]);
      });

      it("puts at most 1,000 items in a page, and that many by default", async () => {
        const own = partition();
        const keys = Array.from({ length: 1_005 }, (_, index) => String(index).padStart(4, "0"));
        await inBatches(keys, (sk) => items.put({ pk: own, sk }));
        for (const limit of [undefined, 1_000, 5_000]) {
          const page = await items.query({ pk: own, consistent: true, ...(limit !== undefined && { limit }) });
          expect(page.items).toHaveLength(1_000);
          expect(page.cursor).toBeTypeOf("string");
        }
        expect((await all(items, { pk: own, consistent: true })).map((item) => item.sk)).toEqual(keys);
      });

      it.each(["", "nonsense", "e30", "W10", "WzFd"])(
        "refuses the cursor %j, which it never gave out",
        async (cursor) => {
          await expect(items.query({ pk, cursor })).rejects.toMatchObject({ name: ErrorName.INVALID_REQUEST });
        },
      );

      it("shows everything to an eventual query in the end", async () => {
        await vi.waitFor(async () => expect((await items.query({ pk })).items).toHaveLength(inOrder.length), SOON);
      });
    });

    describe("the index", () => {
      const indexed = async (gk: string, query: Omit<Query, "pk" | "index"> = {}): Promise<Item[]> =>
        all(items, { ...query, pk: gk, index: "open" });
      const shows = async (gk: string, expected: readonly string[], query: Omit<Query, "pk" | "index"> = {}) =>
        vi.waitFor(async () => expect((await indexed(gk, query)).map((item) => item.sk)).toEqual(expected), SOON);

      it("answers with the keys of the items that have gk and gs", async () => {
        const [pk, gk] = [partition(), partition()];
        await items.put({ pk, sk: "both", gk, gs: "1", value: 1 });
        await items.put({ pk, sk: "no gs", gk });
        await items.put({ pk, sk: "no gk", gs: "2" });
        await items.put({ pk, sk: "other gk", gk: `${gk}#`, gs: "3" });
        await shows(gk, ["both"]);
        expect(await indexed(gk)).toEqual([{ pk, sk: "both", gk, gs: "1" }]);
      });

      it("loses an item that lost gk or gs, moved or was deleted", async () => {
        const [pk, gk] = [partition(), partition()];
        for (const sk of ["a", "b", "c", "d", "e", "f"]) await items.put({ pk, sk, gk, gs: sk });
        await shows(gk, ["a", "b", "c", "d", "e", "f"]);
        await items.update({ pk, sk: "a" }, { remove: ["gk"] });
        await items.update({ pk, sk: "b" }, { remove: ["gs"] });
        await items.put({ pk, sk: "c" });
        await items.delete({ pk, sk: "d" });
        await items.update({ pk, sk: "e" }, { set: { gk: `${gk}#` } });
        await shows(gk, ["f"]);
        await shows(`${gk}#`, ["e"]);
        await items.update({ pk, sk: "a" }, { set: { gk } });
        await shows(gk, ["a", "f"]);
        await items.update({ pk, sk: "a" }, { set: { gs: "z" } });
        await shows(gk, ["f", "a"]);
      });

      it("takes ranges, prefixes, limits, cursors and reverse over gs, with equal gs too", async () => {
        const [pk, gk] = [partition(), partition()];
        const sorted = ["Q", "a", "a#1", "a#2", "b", "é", "\uffff", "🚆"];
        for (const gs of sorted.toSorted()) await items.put({ pk, sk: gs, gk, gs });
        await shows(gk, sorted);
        await shows(gk, sorted.toReversed(), { reverse: true, limit: 3 });
        await shows(gk, ["a", "a#1", "a#2"], { sk: { prefix: "a" }, limit: 1 });
        await shows(gk, ["a#2", "b", "é"], { sk: { from: "a#2", to: "é" } });
        const twins = partition();
        for (const sk of ["1", "2", "3", "4", "5"]) await items.put({ pk, sk: `twin${sk}`, gk: twins, gs: "same" });
        await vi.waitFor(async () => {
          const found = await indexed(twins, { limit: 2 });
          expect(found.map((item) => item.sk).sort()).toEqual(["twin1", "twin2", "twin3", "twin4", "twin5"]);
        }, SOON);
      });
    });

    describe("concurrent writers", () => {
      it("lets one of 50 contenders win, and shows the winner to all others", async () => {
        const key = newKey();
        const attempts = Array.from({ length: 50 }, (_, owner) => items.put({ ...key, owner }, { when: isNew }));
        const outcomes = await Promise.all(attempts);
        const winners = outcomes.filter((outcome) => outcome.ok);
        expect(winners).toHaveLength(1);
        expect(outcomes.map((outcome) => outcome.item)).toEqual(outcomes.map(() => winners[0]?.item));
        expect(await read(key)).toEqual(winners[0]?.item);
      });

      it("counts 100 additions exactly", async () => {
        const key = newKey();
        const adds = Array.from({ length: 100 }, (_, index) =>
          items.update(key, { add: { n: 1, tags: new Set([`t${index % 10}`]) } }),
        );
        const seen = (await Promise.all(adds)).map((outcome) => outcome.item?.["n"] as number);
        expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
        expect((await read(key))?.["tags"]).toEqual(new Set(Array.from({ length: 10 }, (_, index) => `t${index}`)));
      });

      it("gives every holder a number of its own", async () => {
        const key = newKey();
        const grants = Array.from({ length: 50 }, (_, index) =>
          items.update(key, { nextOf: { counter: "g", to: ["g", `h:${index}`] } }, { when: absent(`h:${index}`) }),
        );
        await Promise.all(grants);
        const item = (await read(key)) ?? key;
        const numbers = Object.entries(item).flatMap(([name, value]) =>
          name.startsWith("h:") ? [value as number] : [],
        );
        expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
      });

      it("never has more holders than a limit admits", async () => {
        const key = newKey();
        const when = or(absent("n"), compare("n", "<", 7));
        const claims = Array.from({ length: 40 }, () => items.update(key, { add: { n: 1 } }, { when }));
        expect((await Promise.all(claims)).filter((outcome) => outcome.ok)).toHaveLength(7);
        expect((await read(key))?.["n"]).toBe(7);
      });

      it("loses no step of chains of read, then write on condition", async () => {
        const key = newKey();
        await items.put({ ...key, version: 0, log: [] });
        const writer = async (name: number): Promise<void> => {
          for (let step = 0; step < 5;) {
            const { version = 0, log = [] } = (await read(key)) as unknown as { version?: number; log?: Json[] };
            const set = { version: version + 1, log: [...log, `${name}.${step}`] };
            if ((await items.update(key, { set }, { when: compare("version", "=", version) })).ok) step += 1;
          }
        };
        await Promise.all(Array.from({ length: 8 }, (_, name) => writer(name)));
        const item = await read(key);
        expect(item?.["version"]).toBe(40);
        expect(new Set(item?.["log"] as string[]).size).toBe(40);
      });
    });

    it("does what a plain model does, whatever the sequence of operations", async () => {
      await fc.assert(
        fc.asyncProperty(arbitrarySequence, async (operations) => {
          const prefix = partition();
          const model = modelItems();
          for (const operation of operations) {
            const expected = await operation.on(model, prefix);
            expect(await operation.on(items, prefix), operation.toString()).toEqual(expected);
          }
        }),
        { numRuns: runs },
      );
    });

    it("holds any condition where `holds` says", async () => {
      const key = newKey();
      await fc.assert(
        fc.asyncProperty(arbitraryCondition, arbitraryItem, async (when, attributes) => {
          const { item } = await items.put({ ...key, ...attributes });
          expect((await items.update(key, {}, { when })).ok).toBe(holds(when, item));
        }),
        { numRuns: runs * 2 },
      );
    });
  });
}

/** The items of all pages. */
async function all(items: Items, query: Query): Promise<Item[]> {
  const page = await items.query(query);
  if (page.cursor === undefined) return [...page.items];
  return [...page.items, ...(await all(items, { ...query, cursor: page.cursor }))];
}

/** Sixteen at a time: a store behind a network answers them together. */
async function inBatches<T>(values: readonly T[], act: (value: T) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < values.length; start += 16) {
    await Promise.all(values.slice(start, start + 16).map(act));
  }
}

/** What every blob store promises. */
export function blobsContract(
  name: string,
  make: () => Promise<{ blobs: Blobs; close(): Promise<void> }>,
  { skip }: Pick<ContractOptions, "skip"> = {},
): void {
  describe.skipIf(skip !== undefined)(skip === undefined ? name : `${name} (${skip})`, () => {
    let blobs: Blobs;
    let close: () => Promise<void>;
    beforeAll(async () => {
      const made = await make();
      blobs = made.blobs;
      close = () => made.close();
    });
    afterAll(async () => {
      await close();
    });

    /** A folder that no other test uses. */
    const folder = (): string => `folder-${randomUUID()}`;
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    const text = (found: Uint8Array | undefined): string | undefined => found && new TextDecoder().decode(found);
    const keysBelow = async (prefix: string): Promise<string[]> =>
      (await Array.fromAsync(blobs.list(prefix))).map((info) => info.key);

    it("finds nothing where nothing was put", async () => {
      const key = `${folder()}/none`;
      expect(await blobs.get(key)).toBeUndefined();
      expect(await blobs.head(key)).toBeUndefined();
      expect(await keysBelow(key)).toEqual([]);
      await blobs.delete(key);
    });

    it("reads what was put, replaces it and deletes it", async () => {
      const key = `${folder()}/blob`;
      await blobs.put(key, bytes("first, and longer"));
      await blobs.put(key, bytes("second"));
      expect(text(await blobs.get(key))).toBe("second");
      expect(await blobs.head(key)).toEqual({ key, size: 6 });
      await blobs.delete(key);
      expect(await blobs.get(key)).toBeUndefined();
      expect(await blobs.head(key)).toBeUndefined();
      expect(await keysBelow(key)).toEqual([]);
    });

    it.each([0, 1, 255, 65_536, 3_000_001])("keeps %i bytes as they are", async (size) => {
      const key = `${folder()}/blob`;
      const given = Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
      await blobs.put(key, given);
      const found = await blobs.get(key);
      expect(found).toBeInstanceOf(Uint8Array);
      expect(found && Buffer.compare(found, given)).toBe(0);
      expect(await blobs.head(key)).toEqual({ key, size });
    });

    it("takes a part of a larger buffer, and keeps a copy", async () => {
      const key = `${folder()}/blob`;
      const buffer = bytes("abcdef");
      await blobs.put(key, buffer.subarray(2, 4));
      buffer.fill(0);
      const found = await blobs.get(key);
      expect(text(found)).toBe("cd");
      found?.fill(0);
      expect(text(await blobs.get(key))).toBe("cd");
    });

    it("puts if absent, and writes nothing where the key is taken", async () => {
      const key = `${folder()}/deep/blob`;
      expect(await blobs.putIfAbsent(key, bytes("first"))).toBe(true);
      expect(await blobs.putIfAbsent(key, bytes("second"))).toBe(false);
      expect(text(await blobs.get(key))).toBe("first");
      await blobs.delete(key);
      expect(await blobs.putIfAbsent(key, bytes("third"))).toBe(true);
      expect(text(await blobs.get(key))).toBe("third");
    });

    it("lets one of 20 contenders win", async () => {
      const key = `${folder()}/blob`;
      const attempts = Array.from({ length: 20 }, (_, owner) => blobs.putIfAbsent(key, bytes(String(owner))));
      const outcomes = await Promise.all(attempts);
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(text(await blobs.get(key))).toBe(String(outcomes.indexOf(true)));
    });

    it("shows one whole blob while many are written", async () => {
      const key = `${folder()}/blob`;
      const of = (value: number): Uint8Array => new Uint8Array(200_000 + value).fill(value);
      await blobs.put(key, of(0));
      const writes = Array.from({ length: 8 }, (_, index) => blobs.put(key, of(index)));
      const reads = Array.from({ length: 8 }, () => blobs.get(key));
      for (const found of await Promise.all(reads)) {
        const value = found?.[0] ?? -1;
        expect(found?.length).toBe(200_000 + value);
        expect(found?.every((byte) => byte === value)).toBe(true);
      }
      await Promise.all(writes);
    });

    it("lists keys by any prefix, in order of their bytes, with sizes", async () => {
      const own = folder();
      const sorted = [
        "!",
        "A",
        "a",
        "a b",
        "a-b",
        "a/b",
        "a/b/c",
        "a0",
        "ab",
        "b/1",
        "b/10",
        "b/2",
        "é",
        "\ufffd",
        "🚆",
      ];
      for (const key of sorted.toSorted()) await blobs.put(`${own}/${key}`, bytes(key));
      const found = await Array.fromAsync(blobs.list(`${own}/`));
      expect(found).toEqual(sorted.map((key) => ({ key: `${own}/${key}`, size: bytes(key).length })));
      const below = async (prefix: string) =>
        (await keysBelow(`${own}/${prefix}`)).map((key) => key.slice(own.length + 1));
      expect(await below("a/")).toEqual(["a/b", "a/b/c"]);
      expect(await below("a")).toEqual(["a", "a b", "a-b", "a/b", "a/b/c", "a0", "ab"]);
      expect(await below("b/1")).toEqual(["b/1", "b/10"]);
      expect(await below("b/1/")).toEqual([]);
      expect(await below("A")).toEqual(["A"]);
      expect(await keysBelow(own.slice(0, -1))).toEqual(sorted.map((key) => `${own}/${key}`));
    });

    it("keeps a key and keys below it apart", async () => {
      const own = folder();
      await blobs.put(`${own}/a/b`, bytes("below"));
      await blobs.put(`${own}/a`, bytes("above"));
      expect(text(await blobs.get(`${own}/a`))).toBe("above");
      expect(text(await blobs.get(`${own}/a/b`))).toBe("below");
      await blobs.delete(`${own}/a`);
      expect(await keysBelow(own)).toEqual([`${own}/a/b`]);
      expect(await blobs.get(`${own}/a`)).toBeUndefined();
    });

    const names = [
      " ",
      "a b",
      "+",
      "%2F",
      "%",
      "#1",
      "?x=1",
      "&",
      "a:b",
      "..a",
      "...",
      ".x",
      "'\"",
      "\\",
      "ü",
      "ü",
      "🚆",
      "x".repeat(150),
    ];
    it.each(names)("takes a key with the part %s", async (part) => {
      const key = `${folder()}/${part}/${part}`;
      await blobs.put(key, bytes(part));
      expect(text(await blobs.get(key))).toBe(part);
      expect(await keysBelow(key)).toEqual([key]);
      expect(await blobs.putIfAbsent(key, bytes("other"))).toBe(false);
      await blobs.delete(key);
      expect(await blobs.head(key)).toBeUndefined();
    });

    const refused = ["", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", "a/..", "a\u0000b", "a\nb"];
    it.each(refused)("refuses the key %j", async (key) => {
      const error = { name: ErrorName.INVALID_REQUEST };
      await expect(blobs.put(key, bytes("x"))).rejects.toMatchObject(error);
      await expect(blobs.putIfAbsent(key, bytes("x"))).rejects.toMatchObject(error);
      await expect(blobs.get(key)).rejects.toMatchObject(error);
      await expect(blobs.head(key)).rejects.toMatchObject(error);
      await expect(blobs.delete(key)).rejects.toMatchObject(error);
    });

    it("lists more than a thousand", async () => {
      const own = folder();
      const keys = Array.from({ length: 1_005 }, (_, index) => `${own}/${String(index).padStart(4, "0")}`);
      await inBatches(keys, (key) => blobs.put(key, bytes("x")));
      expect(await keysBelow(`${own}/`)).toEqual(keys);
    });
  });
}
