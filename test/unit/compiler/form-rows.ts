import fc from "fast-check";
import {
  type Expression,
  NULL,
  binary,
  conditional,
  constant,
  form,
  lambda,
  local,
  not,
  property,
  textOf,
  variable,
} from "../../../engine/compiler/expression.ts";
import { MOST_SECONDS } from "../../../engine/model/pause.ts";
import { type Json, type JsonObject, overTheWire } from "../../../engine/model/json.ts";

/** Values of each kind that a variable may have; texts hold what JSONata, ASL and CloudFormation treat specially. */
export const text = fc.oneof(
  fc.string(),
  fc.constantFrom("", "{% x %}", "%}", "${git}", "$states", "\\", '"', "é😀", "\n", "and", "`"),
);
export const number = fc.oneof(fc.integer(), fc.constantFrom(0, -1, 0.5, -2.25, 1e15, 1e-7));
export const boolean = fc.boolean();
/** Not with a key `__proto__`, which sets the prototype where the library builds an object. */
export const json = fc
  .jsonValue({ noUnicodeString: false })
  .filter((value) => !JSON.stringify(value).includes("__proto__"))
  .map(overTheWire);
export const array = fc.array(json, { maxLength: 4 });
export const object = fc
  .dictionary(fc.constantFrom("a", "b-c", "in", "and", "x`y", "$z", "é", "a.b", "%}"), json)
  .map(overTheWire);
export const texts = fc.array(text, { maxLength: 4 });
const numbers = fc.array(fc.nat(5), { maxLength: 4 });

/** Cast where they are used to what the row gives them. */
export type Values = { readonly x: never; readonly y: never; readonly z: never };

export type Row = {
  readonly form: string;
  readonly variables: { readonly [name: string]: fc.Arbitrary<unknown> };
  readonly expression: Expression;
  /** The same in JavaScript; `undefined` is null over the wire. */
  readonly js: (v: Values) => unknown;
};

/** The time as texts give it two hours east. */
const inBerlin = (date: Date): string => new Date(date.getTime() + 7_200_000).toISOString().replace("Z", "+02:00");

const [x, y, z] = [variable("x"), variable("y"), variable("z")];
const read = (key: string, maybe = true): Expression => property(x, key, maybe);
export const member = (key: string, value: Expression, maybe = false) => ({ key, value, maybe });
const nullable = (arbitrary: fc.Arbitrary<unknown>) => fc.option(arbitrary);

/** Expressions that no sample of `samples.ts` comes to by itself, or not in every place that they can stand in. */
export const ROWS: readonly Row[] = [
  { form: "a variable", variables: { x: json }, expression: x, js: (v) => v.x },
  {
    form: "a parameter with a default",
    variables: { x: fc.option(text, { nil: undefined }) },
    expression: { kind: "parameter", name: "x", maybe: false, default: "main" },
    js: (v) => v.x ?? "main",
  },
  ...["a", "b-c", "in", "and", "x`y", "$z", "é", "a.b", "%}"].map((key) => ({
    form: `a member ${key} that may be absent`,
    variables: { x: nullable(object) },
    expression: read(key),
    js: (v: Values) => (v.x as JsonObject | null)?.[key],
  })),
  {
    form: "a chain of members",
    variables: { x: nullable(fc.record({ a: fc.record({ a: json }, { requiredKeys: [] }) }, { requiredKeys: [] })) },
    expression: property(read("a"), "a", true),
    js: (v) => (v.x as { a?: { a?: Json } } | null)?.a?.a,
  },
  {
    form: "a member that is there",
    variables: { x: fc.record({ a: json }) },
    expression: read("a", false),
    js: (v) => (v.x as JsonObject)["a"],
  },
  {
    form: "an element that may be absent",
    variables: { x: array, y: fc.nat(5) },
    expression: { kind: "element", array: x, index: y, maybe: true },
    js: (v) => (v.x as Json[])[v.y],
  },
  {
    form: "an element of an element",
    variables: { x: fc.array(array, { minLength: 1, maxLength: 3 }) },
    expression: {
      kind: "element",
      array: { kind: "element", array: x, index: constant(0), maybe: false },
      index: constant(1),
      maybe: true,
    },
    js: (v) => (v.x as Json[][])[0]?.[1],
  },
  {
    form: "a member of an element of a member",
    variables: { x: fc.record({ a: fc.array(fc.record({ a: array }), { maxLength: 2 }) }) },
    expression: property({ kind: "element", array: read("a", false), index: constant(0), maybe: true }, "a", true),
    js: (v) => (v.x as { a: { a: Json }[] }).a[0]?.a,
  },
  {
    form: "the length of an array",
    variables: { x: array },
    expression: form("count", x),
    js: (v) => (v.x as Json[]).length,
  },
  {
    form: "the length of an array in an object",
    variables: { x: fc.record({ a: array }) },
    expression: form("count", read("a", false)),
    js: (v) => (v.x as { a: Json[] }).a.length,
  },
  ...(["one", "list", "unknown", "spread"] as const).map((as): Row => ({
    form: `an array in a condition with an element as ${as}`,
    variables: { x: as === "one" ? fc.oneof(text, object) : as === "unknown" ? json : array, y: boolean, z: number },
    expression: conditional(
      y,
      {
        kind: "array",
        elements: [
          { value: z, as: "one" },
          { value: x, as },
          { value: z, as: "one" },
        ],
      },
      { kind: "array", elements: [] },
    ),
    js: (v) => (v.y ? (as === "spread" ? [v.z, ...(v.x as Json[]), v.z] : [v.z, v.x, v.z]) : []),
  })),
  {
    form: "only spreads",
    variables: { x: array, y: array },
    expression: {
      kind: "array",
      elements: [
        { value: x, as: "spread" },
        { value: y, as: "spread" },
      ],
    },
    js: (v) => [...(v.x as Json[]), ...(v.y as Json[])],
  },
  {
    form: "arrays in arrays in a condition",
    variables: { x: array, y: boolean },
    expression: conditional(
      y,
      { kind: "array", elements: [{ value: { kind: "array", elements: [{ value: x, as: "list" }] }, as: "list" }] },
      NULL,
    ),
    js: (v) => (v.y ? [[v.x]] : null),
  },
  {
    form: "an object with a member that may be left out",
    variables: {
      x: fc.record({ a: fc.oneof(text, array, object) }, { requiredKeys: [] }),
      y: nullable(fc.oneof(text, array)),
      z: json,
    },
    expression: { kind: "object", members: [member("z", z), member("a", read("a"), true), member("y", y, true)] },
    js: (v) => ({ z: v.z, a: (v.x as JsonObject)["a"], y: v.y ?? undefined }),
  },
  {
    form: "an object with spreads",
    variables: { x: object, y: object, z: array },
    expression: { kind: "object", members: [{ value: x, maybe: false }, member("a", z), { value: y, maybe: false }] },
    js: (v) => ({ ...(v.x as JsonObject), a: v.z, ...(v.y as JsonObject) }),
  },
  {
    form: "an object in a condition",
    variables: { x: array, y: boolean, z: json },
    expression: conditional(y, { kind: "object", members: [member("b-c", x), member("$z", z)] }, NULL),
    js: (v) => (v.y ? { "b-c": v.x, $z: v.z } : null),
  },
  ...["=", "not ="].map((operator): Row => ({
    form: `${operator} of primitives`,
    variables: {
      x: fc.oneof(text, number, boolean, fc.constant(null)),
      y: fc.oneof(text, number, boolean, fc.constant(null)),
    },
    expression: operator === "=" ? binary("=", x, y) : not(binary("=", x, y)),
    js: (v) => (v.x === v.y) === (operator === "="),
  })),
  {
    form: "= of a member that may be absent",
    variables: { x: fc.record({ a: text }, { requiredKeys: [] }), y: text },
    expression: binary("=", read("a"), y),
    js: (v) => (v.x as JsonObject)["a"] === v.y,
  },
  ...([false, true] as const).flatMap((negated): Row[] => [
    {
      form: `a member ${negated ? "!=" : "=="} null`,
      variables: { x: nullable(fc.record({ a: nullable(json) }, { requiredKeys: [] })) },
      expression: negated ? not(binary("=", read("a"), NULL)) : binary("=", read("a"), NULL),
      js: (v) => ((v.x as JsonObject | null)?.["a"] == null) !== negated,
    },
    {
      form: `a variable ${negated ? "!=" : "=="} null, in a condition`,
      variables: { x: nullable(json), y: boolean },
      expression: binary("and", y, negated ? not(binary("=", x, NULL)) : binary("=", x, NULL)),
      js: (v) => v.y && (v.x === null) !== negated,
    },
  ]),
  ...(["<", "<=", ">", ">="] as const).flatMap((operator) =>
    [number, text].map((values, at): Row => ({
      form: `${operator} of two ${at === 0 ? "numbers" : "texts"}`,
      variables: { x: values, y: values },
      expression: binary(operator, x, y),
      js: ({ x: left, y: right }) =>
        ({ "<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right })[operator],
    })),
  ),
  {
    form: "and, or, not",
    variables: { x: boolean, y: boolean, z: boolean },
    expression: binary("or", not(x), binary("and", binary("or", y, z), not(binary("and", x, y)))),
    js: (v) => !v.x || ((v.y || v.z) && !(v.x && v.y)),
  },
  {
    form: "conditions in conditions",
    variables: { x: boolean, y: boolean, z: json },
    expression: conditional(x, conditional(y, z, constant(1)), conditional(y, constant("b"), z)),
    js: (v) => (v.x ? (v.y ? v.z : 1) : v.y ? "b" : v.z),
  },
  {
    form: "?? of a member",
    variables: { x: nullable(fc.record({ a: nullable(json) }, { requiredKeys: [] })), y: json },
    expression: { kind: "coalesce", value: read("a"), fallback: y },
    js: (v) => (v.x as JsonObject | null)?.["a"] ?? v.y,
  },
  {
    form: "?? of a variable, compared",
    variables: { x: nullable(text), y: text, z: text },
    expression: binary("=", { kind: "coalesce", value: x, fallback: { kind: "coalesce", value: y, fallback: z } }, z),
    js: (v) => (v.x ?? v.y ?? v.z) === v.z,
  },
  {
    form: "?? of a member, negated",
    variables: { x: fc.record({ a: boolean }, { requiredKeys: [] }), y: boolean },
    expression: not({ kind: "coalesce", value: read("a"), fallback: y }),
    js: (v) => !((v.x as JsonObject)["a"] ?? v.y),
  },
  ...[1, 2, 3, 4, 9].map((length): Row => ({
    form: `a text of ${length} parts`,
    variables: {
      x: text,
      y: fc.oneof(fc.integer({ min: -1e15, max: 1e15 }), boolean),
      z: fc.oneof(text, fc.constantFrom(0.5, 12.25)),
    },
    expression: textOf(Array.from({ length }, (_, at) => [y, constant('"${a}%}$'), x, z][at % 4] ?? z)),
    js: (v) => Array.from({ length }, (_, at) => String([v.y, '"${a}%}$', v.x, v.z][at % 4])).join(""),
  })),
  {
    form: "texts with a prefix",
    variables: { x: texts },
    expression: form("map", x, lambda(["text"], textOf([constant("infrahub.app/node/"), local("text")]))),
    js: (v) => (v.x as string[]).map((one) => `infrahub.app/node/${one}`),
  },
  {
    form: "a number raised",
    variables: { x: fc.nat(1000) },
    expression: binary("+", x, constant(1)),
    js: (v) => (v.x as number) + 1,
  },
  {
    form: "an element by a raised number",
    variables: { x: numbers, y: fc.nat(3) },
    expression: { kind: "element", array: x, index: binary("+", y, constant(1)), maybe: true },
    js: (v) => (v.x as number[])[(v.y as number) + 1],
  },
  {
    form: "whole seconds of a wait",
    variables: { x: fc.oneof(number, fc.double({ min: -2, max: 2e8, noNaN: true })) },
    expression: form("seconds", x),
    js: (v) => Math.min(MOST_SECONDS, Math.max(0, Math.ceil(v.x))),
  },
  {
    form: "the time of a wait",
    variables: { x: fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true }).map(inBerlin) },
    expression: form("timestamp", x),
    js: (v) => new Date(v.x).toISOString(),
  },
];
