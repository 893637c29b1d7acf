import fc from "fast-check";
import { boolean, json, number, text, texts } from "./form-rows.ts";

/** The parameters that samples read, with their types and values. */
export const PARAMETERS = {
  n: ["number", number],
  m: ["number", fc.oneof(fc.integer({ min: -4, max: 4 }), fc.constantFrom(0.5, -0.5, 1.5, 2.5, -1.5))],
  size: ["number", fc.oneof(fc.nat(5), fc.constantFrom(2.5, -1))],
  whole: ["number", fc.integer({ min: -2000, max: 2000 })],
  big: ["number", fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 })],
  s: ["string", text.filter((one) => one !== "__proto__")],
  t: ["string", fc.oneof(text, fc.constantFrom("a", "aa", "b", "😀", "/"))],
  path: [
    "string",
    fc
      .array(fc.constantFrom("a", "b", "/", ".json", ".js", "😀", "on", ""), { maxLength: 5 })
      .map((all) => all.join("")),
  ],
  yes: ["boolean", boolean],
  maybe: ["string | null", fc.option(text)],
  key: ["string", fc.constantFrom("a", "b", "c", "x y", "é", "")],
  ns: ["number[]", fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 5 })],
  ss: ["string[]", texts],
  maybes: ["(string | null)[]", fc.array(fc.option(fc.constantFrom("a", "b", "")), { maxLength: 4 })],
  lists: ["number[][]", fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }), { maxLength: 3 })],
  nested: ["string[][][]", fc.array(fc.array(fc.array(text, { maxLength: 2 }), { maxLength: 2 }), { maxLength: 2 })],
  any: ["unknown[]", fc.array(json, { maxLength: 4 })],
  items: [
    "{ id: string; n: number; tags: string[]; note?: string }[]",
    fc.array(
      fc.record(
        { id: fc.constantFrom("a", "b", "c"), n: fc.integer({ min: 0, max: 3 }), tags: texts, note: text },
        { requiredKeys: ["id", "n", "tags"] },
      ),
      { maxLength: 5 },
    ),
  ],
  none: [
    "{ n: number; list: { id: string }[] } | null",
    fc.option(fc.record({ n: number, list: fc.array(fc.record({ id: text }), { maxLength: 2 }) })),
  ],
  record: [
    "Record<string, number>",
    fc.dictionary(fc.constantFrom("a", "b", "c", "x y"), fc.integer({ min: 0, max: 3 })),
  ],
  listed: [
    "Record<string, number[]>",
    fc.dictionary(fc.constantFrom("a", "b", "é"), fc.array(fc.nat(3), { maxLength: 2 })),
  ],
  loose: ["Record<string, unknown>", fc.dictionary(fc.constantFrom("a", "b", "c"), json)],
  entries: [
    "[string, number[]][]",
    fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.array(fc.nat(3), { maxLength: 2 })), { maxLength: 4 }),
  ],
} as const satisfies { readonly [name: string]: readonly [string, fc.Arbitrary<unknown>] };

/** TypeScript as an author writes it: what a flow returns. */
export const SOURCES = `
n + m
n - m
n * m
n - (m - n)
n * (m + 1) - n
n / 3
n / 0.1 / 7
n % 3
m % -2
-n
-(n + m)
+n
2 ** 10 + n
Math.min(n, m)
Math.max(n, m, 0)
Math.max(0, ...ns)
Math.min(...ns, n, ...ns)
Math.floor(n)
Math.floor(big)
Math.ceil(n)
Math.ceil(big / 3)
Math.abs(m)
Math.round(m)
Math.round(big)
Math.round(n / 2)
Math.round(0.49999999999999994 * m)
Math.trunc(m)
Math.trunc(big)
Math.sign(m)
s + t
s + whole + yes
"a" + s + "b" + t + "c"
String(whole)
String(yes) + String(s)
Number(yes) + Number(n)
Boolean(s)
Boolean(maybe)
whole.toString()
whole.toString().padStart(6, "0")
String(whole).padEnd(6)
s.toString()
s.concat(t, String(whole))
s.repeat(3)
(s + t).repeat(2)
"ab".repeat(0)
Number.isInteger(n)
Number.isInteger(big / 2)
typeof (yes ? s : whole) === "string"
typeof (yes ? s : maybe) === "string"
typeof (yes ? whole : maybe) !== "number"
typeof any[0] === "number"
typeof loose[key] === "boolean"
s.includes(t)
s.startsWith(t)
path.startsWith("a/")
path.startsWith("")
path.endsWith(".json")
path.endsWith("on")
path.endsWith("😀")
path.split("/")
path.split("😀").length
path.split(".js").map((part) => [part])
path.replaceAll("/", "-")
path.replaceAll("a", "")
path.replace("a", "bb")
s.toUpperCase()
s.toLowerCase()
yes ? n : m
yes && n > m || !yes
yes && s
s || t
maybe ?? s
maybe ? maybe + "!" : "none"
maybe?.includes("a")
maybe === null || maybe.startsWith("a")
none?.n
none?.list.length
none?.list.map((item) => item.id)
none?.list[0]?.id.toUpperCase()
none?.list.find((item) => item.id !== "")?.id ?? "none"
none?.list.at(-1)?.id
ns[m]
ns[n]
lists[size]
lists[size]?.[m]
ns[ns.length - 1]
ns.at(-1)
ns.at(m)
lists.at(-2)
nested.at(0)
record[key]
record[key] ?? -1
listed[key]
listed[key]?.length
loose[key] ?? 1
Object.hasOwn(record, key)
"a" in record
"x y" in record ? "yes" : "no"
ns.map((item) => item * 2)
ns.map((item, index) => item + index)
lists.map((list) => list)
nested.map((list) => list)
lists.map((list) => [list, list])
lists.map((list) => [...list, ...list])
lists.map((list) => list.map((one) => [one]))
ns.map(() => [])
ns.map(() => null)
any.map((one) => one)
any.map((one) => [one])
any.map((one) => ({ one, s }))
items.map(({ id, tags: [first] }) => ({ id, first }))
items.map(({ note = "none" }) => note)
items.map((item) => item.note)
items.map((item) => { const id = item.id + s; const twice = id + id; return [id, twice]; })
items.map((item) => { if (item.n > 1) return item.id; return item.tags; })
items.map((item) => ns.map((one, at) => one + item.n + at))
items.map((item) => items.filter((other) => other.id === item.id).length)
items.map((item, index) => items.map((_, at) => index + at))
ns.filter((item) => item > 0)
ns.filter((item) => item)
lists.filter((list) => list.length > 0)
lists.filter((list) => list.length === 0)
nested.filter((list, at) => at === 0)
any.filter((_, index) => index % 2 === 0)
items.filter((item) => item.note)
items.filter((item) => item.note !== undefined && item.note !== "")
maybes.filter((item) => item !== null)
ns.find((item) => item > 0) ?? null
lists.find((list) => list.length === 1)
nested.find(() => true)
items.find((item) => item.id === key)?.tags
lists.findLast((list) => list.length < 2)
ns.findIndex((item) => item > 0)
items.findIndex((item, index) => item.n === index)
ns.findLastIndex((item) => item > 0)
items.findLastIndex((item, index) => item.n === index)
ns.lastIndexOf(m)
ss.lastIndexOf(s)
maybes.lastIndexOf(null)
ns.reduceRight((all: number[], item) => [...all, item], [])
ss.reduceRight((all, item) => all + item, s)
ss.filter(Boolean)
maybes.filter(Boolean)
ns.some(Boolean)
ns.every(Boolean)
ss.map(String)
ns.map(String)
[...new Set(ss)]
[s, ...new Set(ns)]
Array.from(new Set(ns))
Array.from(new Set(ss), (item) => item + "!")
ns.some((item) => item > 2)
lists.some((list) => list.length === 0)
ns.every((item) => item > 0)
lists.every((list) => list.length === 0)
any.every(() => false)
ns.includes(m)
ss.includes(s)
maybes.includes(null)
maybes.includes(maybe)
["a", "b"].includes(key)
ns.indexOf(m)
ss.indexOf(s)
maybes.indexOf(null)
ns.slice()
ns.slice(1)
ns.slice(1, 3)
ns.slice(-2)
ns.slice(0, -1)
lists.slice(-1)
lists.slice(0, 1)
ns.slice(m)
ns.slice(m, n)
nested.slice(size, size + 1)
ns.concat(ns, n, [m])
lists.concat(lists)
lists.concat([ns])
lists.flat()
nested.flat(1)
items.flatMap((item) => item.tags)
items.flatMap((item) => item.n)
ss.join()
ss.join(", ")
ss.join(s)
ns.join("-")
ns.reduce((sum, item) => sum + item, 0)
ns.reduce((sum, item, index) => sum + item * index, n)
ns.reduce((all: number[], item) => [...all, item, item], [])
lists.reduce((all: number[][], item) => [item, ...all], [])
items.reduce((all: Record<string, number>, item) => ({ ...all, [item.id]: item.n }), {})
ss.toSorted()
ns.toSorted((a, b) => a - b)
ns.toSorted((a, b) => b - a)
lists.toSorted((a, b) => a.length - b.length)
items.toSorted((a, b) => a.n - b.n).map((item) => item.id)
items.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.n - b.n))
lists.toReversed()
any.toReversed()
Array.from(ns)
Array.from(ns, (item) => item + 1)
Array.from({ length: size }, (_, index) => index * 2)
Array.from({ length: ns.length }, (_, index) => [index])
Array.from({ length: 3 }, () => s)
Object.keys(record)
Object.keys(loose).length
Object.values(record)
Object.values(listed)
Object.values(loose)
Object.entries(record)
Object.entries(listed)
Object.entries(loose)
Object.entries(listed).map(([name, list]) => ({ name, list }))
Object.fromEntries(entries)
Object.fromEntries(items.map((item) => [item.id, item]))
Object.fromEntries(Object.entries(record).filter(([, value]) => value > 1))
({ [key]: n })
({ a: 1, [key]: lists, b: [key] })
({ [key]: 1, [s]: 2 })
({ a: n, b: n, ...record })
({ a: n, ...(yes && { b: n }) })
({ a: loose[key], b: any[1] })
({ a: Object.fromEntries([[key, any]])["a"]?.[0] })
({ ...(n > 0 && { a: n }), ...(yes ? { list: ns } : {}) })
({ ...{ a: ns[9] }, b: n })
[[...[]], [...[[]]], [...ns]]
lists.map(([first, ...others]) => ({ others, first }))
items.map(({ id, ...others }) => ({ others, id }))
items.map(({ tags: [first = "none", , ...others], ...rest }) => [first, others, rest])
entries.map(([name, { length }]) => name + length)
[[...ns], ns, [...ns, n]]
yes ? [[...ns], ns, [...ns, n]] : [[]]
yes ? [any[0], [any[1]]] : []
yes ? [lists[0], [lists], [[ns]]] : []
yes ? [...ns, ...(ns.length > 2 ? ns : [])] : []
yes ? { list: [ns], one: { ns } } : null
ns.map((item) => item).filter((item) => item > 0).slice(0, 2).toReversed()
items.map((item) => \`\${item.id}:\${item.n}\`).join(";")
\`\${ns.length} of \${items.length}: \${ss.join("/")}\`
ns.map((value) => value).map((found) => found).map((all) => all)
items.filter((item) => item.tags.some((tag) => tag === s || items.some((one) => one.id === tag))).length
`
  .split("\n")
  .filter((source) => source !== "");
