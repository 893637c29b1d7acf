import fc from "fast-check";
import type { Json } from "../../../engine/model/json.ts";
import { and, compare, exists, absent, not, or, type Condition } from "../../../engine/store/condition.ts";
import type { Attribute, Items, Key, Update } from "../../../engine/store/items.ts";

const NUMBERS = ["n", "ttl", "h:1#2"] as const;
const NAMES = [...NUMBERS, "tags", "text", "json"] as const;

const text = fc.constantFrom("", "a", "b", "ab", "\uffff", "🚆");
const number = fc.integer({ min: -9, max: 9 });
const set = fc.uniqueArray(fc.constantFrom("a", "b", "c")).map((members): ReadonlySet<string> => new Set(members));

/** Numbers that DynamoDB holds too, and no lone surrogates, which UTF-8 does not have. */
export const arbitraryJson = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<Json[]>(null, true, false, "", 0),
    fc.double({ min: -1e100, max: 1e100, noNaN: true }).filter((value) => Math.abs(value) > 1e-100),
    fc.string({ unit: "grapheme", maxLength: 8 }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      fc.string({ minLength: 1, maxLength: 4 }).filter((key) => key !== "__proto__"),
      tie("value"),
      { maxKeys: 4 },
    ),
  ),
})).value;

/** Any of the attributes, each of its own type. */
export const arbitraryItem = fc.record(
  { n: number, ttl: number, "h:1#2": number, tags: set, text, json: arbitraryJson },
  { requiredKeys: [] },
) as fc.Arbitrary<{ [attribute: string]: Attribute }>;

export const arbitraryCondition = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(...NAMES).map(exists),
    fc.constantFrom(...NAMES).map(absent),
    fc
      .tuple(fc.constantFrom(...NAMES), operator(), fc.oneof(number, text, fc.boolean(), fc.constant(null)))
      .map(([name, is, to]) => compare(name, is, to)),
    fc
      .tuple(fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 2, maxLength: 2 }), operator())
      .map(([[left = "n", right = "ttl"], is]) => compare(left, is, { attribute: right })),
    fc.array(tie("condition"), { maxLength: 3 }).map((parts) => and(...parts)),
    fc.array(tie("condition"), { maxLength: 3 }).map((parts) => or(...parts)),
    tie("condition").map(not),
  ),
})).condition;

function operator() {
  return fc.constantFrom("=", "<>", "<", "<=", ">", ">=" as const);
}

/** Each attribute has at most one part of the update to itself. */
const arbitraryUpdate: fc.Arbitrary<Update> = fc
  .tuple(
    arbitraryItem,
    fc.array(fc.constantFrom("set", "setIfAbsent", "add", "remove", "nextOf", "none"), { minLength: 6, maxLength: 6 }),
    fc.constantFrom(...NUMBERS, "missing"),
  )
  .map(([values, roles, counter]) => {
    const named = (role: string): [string, Attribute][] =>
      Object.entries(values).filter((_, index) => roles[index] === role);
    const isNumber = ([name]: [string, Attribute]): boolean => NUMBERS.some((known) => known === name);
    const addable = named("add").filter((entry) => isNumber(entry) || entry[0] === "tags");
    return {
      set: Object.fromEntries(named("set")),
      setIfAbsent: Object.fromEntries(named("setIfAbsent")),
      add: Object.fromEntries(addable) as { [name: string]: number | ReadonlySet<string> },
      remove: named("remove").map(([name]) => name),
      nextOf: {
        counter,
        to: named("nextOf")
          .filter(isNumber)
          .map(([name]) => name),
      },
    };
  });

/** One call of the port, below a prefix of the partition key; what it answers is without that prefix. */
export interface Operation {
  on(items: Items, prefix: string): Promise<unknown>;
  toString(): string;
}

const sort = fc.constantFrom("#", "a", "a#1", "b", "\uffff", "🚆");
const key: fc.Arbitrary<Key> = fc.record({ pk: fc.constantFrom("1", "2"), sk: sort });
const when = fc.option(arbitraryCondition, { nil: undefined, freq: 2 });
const range = fc.oneof(
  fc.record({ prefix: fc.oneof(sort, fc.constant("")) }),
  fc.record({ from: sort, to: sort }, { requiredKeys: [] }),
);

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc
    .tuple(key, arbitraryItem, when)
    .map(([at, item, condition]) =>
      call(`put ${show([at, item, condition])}`, (items, prefix) =>
        items.put({ ...item, pk: prefix + at.pk, sk: at.sk }, condition && { when: condition }),
      ),
    ),
  fc
    .tuple(key, arbitraryUpdate, when)
    .map(([at, update, condition]) =>
      call(`update ${show([at, update, condition])}`, (items, prefix) =>
        items.update({ pk: prefix + at.pk, sk: at.sk }, update, condition && { when: condition }),
      ),
    ),
  fc
    .tuple(key, when)
    .map(([at, condition]) =>
      call(`delete ${show([at, condition])}`, (items, prefix) =>
        items.delete({ pk: prefix + at.pk, sk: at.sk }, condition && { when: condition }),
      ),
    ),
  key.map((at) =>
    call(`get ${show(at)}`, (items, prefix) => items.get({ pk: prefix + at.pk, sk: at.sk }, { consistent: true })),
  ),
  fc
    .record(
      { pk: fc.constantFrom("1", "2"), sk: range, reverse: fc.boolean(), limit: fc.integer({ min: 1, max: 7 }) },
      { requiredKeys: ["pk"] },
    )
    .map((query) =>
      call(`query ${show(query)}`, async (items, prefix) => {
        const page = await items.query({ ...query, pk: prefix + query.pk, consistent: true });
        return page.items;
      }),
    ),
);

export const arbitrarySequence = fc.array(operation, { minLength: 1, maxLength: 25, size: "max" });

function call(text: string, on: Operation["on"]): Operation {
  return { on, toString: () => text, [fc.toStringMethod]: () => text } as Operation;
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (part instanceof Set ? [...(part as Set<string>)] : part));
}
