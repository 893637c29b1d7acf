import { describe, expect, it } from "vitest";
import { compileExpression } from "../../../engine/local/jsonata/expression.ts";
import { Chance } from "../../../engine/local/machine/chance.ts";
import { StateFailed } from "../../../engine/local/machine/failure.ts";
import type { Json } from "../../../engine/model/json.ts";
import { VirtualClock } from "../../../engine/testing/virtual-clock.ts";

const chance = new Chance({ clock: new VirtualClock(), random: () => 0.5, uuid: () => "id" });
const states = { input: { half: 2 / 3, big: 2 ** 63, list: [3, 1] } };

const evaluate = async (text: string): Promise<Json> =>
  compileExpression(text, "Output/a")({ variables: {}, states, chance });

async function causeOf(text: string): Promise<string> {
  const thrown: unknown = await evaluate(text).catch((reason: unknown) => reason);
  if (!(thrown instanceof StateFailed)) throw new Error(`${text} did not fail`);
  return thrown.failure.cause ?? "";
}

/** What Step Functions was seen to give where `jsonata` gives something else. */
describe("an expression as Step Functions evaluates it", () => {
  it.each<[string, Json]>([
    ["$string(1e15 + 1)", "1000000000000001"],
    ["$string($states.input.big)", "9223372036854776000"],
    ["$string(1e21)", "1e+21"],
    ["$string($states.input.half)", "0.666666666666666"],
    ["$string(-$states.input.half)", "-0.666666666666667"],
    ["$string(-0.9999999999999999)", "-1"],
    ["$string(0.1 + 0.2)", "0.3"],
    ["$string(0.000012)", "0.000012"],
    ["$string(0.00000015)", "1.5e-7"],
    ["$string(1234567890123456.7)", "1.23456789012345e+15"],
    ["$string(12.50)", "12.5"],
    ["'' & $states.input.half & [0.5, 1e20]", "0.666666666666666[0.5,100000000000000000000]"],
    ["'a' & null & $states.input.nothing & $sum", "anull"],
    ["$string({'a': ['\"\u0001', true, null, {}], 'f': $sum})", '{"a":["\\"\u0001",true,null,{}],"f":""}'],
    ["$string({'a': [1, []]}, true)", '{\n  "a": [\n    1,\n    []\n  ]\n}'],
    ["[1, 2].$string()", ["1", "2"]],
    ["$map([1e20, 0.5], $string)", ["100000000000000000000", "0.5"]],
    ["$type(1 / 0)", "number"],
    ["$string(1 / 0)", "Infinity"],
    ["[0 / 0 > 5, 0 / 0 < 5, 1 / 0 > 5, 0 / 0 >= 0 / 0]", [true, false, true, true]],
    ["[2 < 3, 'b' <= 'a', 2 >= 2]", [true, false, true]],
    ["$pad('a', 6.5, 'xy')", "axyxyx"],
    ["$replace('aaa', 'a', 'b', 2.5)", "bba"],
    ["$replace('\u00a0 a', /^\\s+|[\\s]+$/, '') & $contains('\u00a0', /\\S/)", "\u00a0 atrue"],
    ["$fromMillis(0, '[H01]', 'utc') & $now('[H01]', 'utc')", "0000"],
    ["(-7 % 3) + (7 % 4)[0]", 2],
    ["($x := 7; ($x % 4).$string())", "3"],
  ])("%s is %j", async (text, expected) => expect(await evaluate(text)).toEqual(expected));

  it.each([
    ["$states.input.nothing", " returned nothing (undefined)."],
    ["$sum", " returned an unsupported result type."],
    ["[function($x) { $x }]", " returned an unsupported result type."],
    [
      "1 + 'a'",
      ' threw an error during evaluation. T2002: The right side of the "+" operator must evaluate to a number',
    ],
    ["1 < 'a'", '. T2009: The values 1 and "a" either side of operator "<" must be of the same data type'],
    ["[] < 1", '. T2010: The expressions either side of operator "<" must evaluate to numeric or string values'],
    ["5 % 0", '. D1001: Number out of range: "NaN"'],
    ["$eval('1')", ". T1006: Attempted to invoke a non-function"],
    ["$parse('{bad}')", ". D3137: Invalid JSON"],
    ["$parse(null)", '. T0410: Argument 1 of function "parse" does not match function signature'],
    ["$string(1, 2)", '. T0410: Argument 2 of function "string" does not match function signature'],
    ["$partition('a', 2)", '. T0412: Argument 1 of function "partition" must be an array of undefined'],
    ["$partition([1], -1)", ". D3137: Second argument must be zero or greater"],
    ["$hash('a', 'md5')", ". D3137: Hash algorithm 'md5' must be one of SHA-1, SHA-384, SHA-256, SHA-512, MD5"],
    ["$decodeUrlComponent('%zz')", '. D3140: Malformed URL passed to $decodeUrlComponent(): "%zz"'],
    ["$error('no')", ". D3137: no"],
  ])("%s fails", async (text, said) => {
    const cause = await causeOf(text);
    expect(cause).toMatch(/^The JSONata expression '/);
    expect(cause.startsWith(`The JSONata expression '${text}' specified for the field 'Output/a'`)).toBe(true);
    expect(cause.endsWith(said)).toBe(true);
  });
});

describe("the limits of an evaluation", () => {
  const call = (depth: number): string => `($f := function($x) { $x <= 0 ? 0 : 1 + $f($x - 1) }; $f(${depth}))`;
  const doubled = (times: number): string =>
    `$length($reduce([1..${times}], function($text) { $text & $text }, 'x'))`.replace("($text)", "($text, $i)");

  it.each<[string, string, Json, string, RegExp]>([
    ["depth of an expression", `1${"+1".repeat(99)}`, 100, `1${"+1".repeat(100)}`, /: Stack overflow error: Check for/],
    [
      "depth of calls",
      call(31),
      31,
      call(32),
      /: Stack overflow error: Check for non-terminating recursive function\. /,
    ],
    ["items of a range", "$count([1..873782])", 873_782, "$count([1..873783])", /: Expression evaluation memory limit/],
    [
      "items of $range",
      "$count($range(1, 360145, 1))",
      360_145,
      "$range(1, 360146, 1)",
      /: Expression evaluation memory/,
    ],
    ["length of a text", doubled(22), 2 ** 22, doubled(23), /: Expression evaluation memory limit exceeded: Check for/],
  ])("%s", async (_, within, expected, beyond, said) => {
    expect(await evaluate(within)).toEqual(expected);
    expect(await causeOf(beyond)).toMatch(said);
  });

  it("time", async () => {
    expect(await causeOf("($f := function($x) { $f($x + 1) }; $f(1))")).toMatch(
      / threw an error during evaluation: Expression evaluation timeout: Check for infinite loop$/,
    );
  });

  it("counts each evaluation on its own", async () => {
    const text = `$sum([1..9]) + ${"(".repeat(80)}1${")".repeat(80)}`;
    expect(await Promise.all([evaluate(text), evaluate(text), evaluate(text)])).toEqual([46, 46, 46]);
  });
});
