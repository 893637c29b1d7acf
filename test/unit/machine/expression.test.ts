import fc from "fast-check";
import jsonata from "jsonata";
import { describe, expect, it } from "vitest";
import { compileExpression, type Evaluation } from "../../../engine/local/jsonata/expression.ts";
import { compileFast, type Node } from "../../../engine/local/jsonata/fast.ts";
import { plainJson } from "../../../engine/local/jsonata/plain.ts";
import { compileTemplate } from "../../../engine/local/jsonata/template.ts";
import { Chance } from "../../../engine/local/machine/chance.ts";
import type { Json, JsonObject } from "../../../engine/model/json.ts";
import { VirtualClock } from "../../../engine/testing/virtual-clock.ts";

const NOW = Date.UTC(2026, 9, 1, 11, 45, 35, 838);

function evaluation(variables: JsonObject = {}, states: JsonObject = { input: null, context: {} }): Evaluation {
  let uuids = 0;
  const chance = new Chance({ clock: new VirtualClock(NOW), random: () => 0.25, uuid: () => `uuid-${++uuids}` });
  return { variables: Object.assign(Object.create(null) as JsonObject, variables), states, chance };
}

/** The value, or `failed`. */
async function outcomeOf(evaluate: () => unknown): Promise<unknown> {
  try {
    return [await evaluate()];
  } catch {
    return "failed";
  }
}

const evaluate = (text: string, scope = evaluation()): Promise<unknown> =>
  outcomeOf(() => compileExpression(text, "here")(scope));

/** What `jsonata` itself says. */
const reference = (text: string, { variables, states }: Evaluation): Promise<unknown> =>
  outcomeOf(async () => {
    const value: unknown = await jsonata(text).evaluate(undefined, { ...variables, states });
    if (value === undefined) throw new Error("nothing");
    return plainJson(value);
  });

const value: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<Json>(null, true, false, 0, 1, -1, 2, 1.5, -0.5, 1e9, "", "a", "b", "10"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "x-y"), tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

/** Text of an expression in the shapes that run fast, and of some that do not; without what Step Functions does otherwise. */
const expression: fc.Arbitrary<string> = fc.letrec<{ e: string }>((tie) => {
  const e = tie("e");
  const of = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
    fc.tuple(...parts).map((texts) => texts.join(""));
  const text = (constant: string): fc.Arbitrary<string> => fc.constant(constant);
  const key = fc.constantFrom(".a", ".b", ".`x-y`", ".a.b");
  return {
    e: fc.oneof(
      { depthSize: "medium", withCrossShrink: true },
      fc.constantFrom(
        "$x",
        "$y",
        "$i",
        "$unassigned",
        "1",
        "0",
        "-1",
        "1.5",
        '"a"',
        '""',
        "true",
        "false",
        "null",
        "{}",
        "[]",
      ),
      of(fc.constantFrom("$x", "$y", "$states.input", "$states.context.Execution", "$states"), key),
      of(
        fc.constantFrom("$x", "$y"),
        fc.constantFrom("[0]", "[-1]", "[1.5]", "[$i]", "[$i - 1]", "[$i][0]", "[$i][1]", "[a]", ".a[0]", "[]"),
      ),
      of(text("("), e, text(")"), fc.constantFrom("", "[0]", "[$i]", ".a", ".a.b")),
      of(
        text("("),
        e,
        fc.constantFrom(
          ...["+", "-", "*", "=", "!=", "<", "<=", ">", ">=", "&", "and", "or", "in"].map((o) => ` ${o} `),
        ),
        e,
        text(")"),
      ),
      of(text("("), e, text(" ? "), e, text(" : "), e, text(")")),
      of(text("("), e, text(" ? "), e, text(")")),
      of(
        fc.constantFrom("$exists", "$not", "$boolean", "$string", "$count", "$type", "$merge", "$keys"),
        text("("),
        e,
        text(")"),
      ),
      of(text("$lookup("), e, text(", "), e, text(")"), fc.constantFrom("", ".a")),
      of(text("$append("), e, text(", "), e, text(")")),
      of(text("$join("), e, text(', ",")')),
      of(text("["), e, text(", "), e, text("]")),
      of(text("["), e, text("]")),
      of(text('{"a": '), e, text(', "b": '), e, text("}")),
      of(text("($v := "), e, text("; "), fc.constantFrom("$v", "$v.a", "[$v, $x]", "$exists($v) ? $v : 0"), text(")")),
      of(text("-("), e, text(")")),
    ),
  };
}).e;

describe("an expression", () => {
  it("gives what jsonata gives", async () => {
    await fc.assert(
      fc.asyncProperty(expression, value, value, fc.integer({ min: -2, max: 3 }), async (text, x, y, i) => {
        const scope = evaluation({ x, y, i }, { input: y, context: { Execution: { a: x } } });
        expect(await evaluate(text, scope)).toEqual(await reference(text, scope));
      }),
      { numRuns: 1500 },
    );
  });

  it.each([
    "$states.context.Execution.Id",
    "$states.context.State.RetryCount + 1",
    "$states.context.State.Name",
    "$states.result.Payload",
    "$x",
    "$x.y.z",
    "$x.`x-y`",
    "($xs[$i])",
    "($xs[$i]).name",
    "$i + 1",
    "$i < $count($xs)",
    '$x.kind = "a" and $not($x.done = true)',
    "$exists($x.y) ? $x.y : null",
    '($v := $x.y; $exists($v) and $v != null ? $v : "d")',
    '$exists($states.context.Execution.Input.`$millrace`) ? $lookup($states.context.Execution.Input, "$millrace").context : {}',
    '"item[" & $i & "]"',
    '$join(["a", $x.s], "")',
    "$append($xs, [[$x]])",
    '$merge([$x, {"k": 1}])',
    '{"a": $x, "b": [1, $i]}',
  ])("has a synchronous form: %s", (text) => {
    expect(compileFast(jsonata(text).ast() as unknown as Node)).toBeDefined();
  });

  it.each(["$states", "$states.context", "$states.context.State", "$map($xs, function($x) { $x })", "$xs.y[]", "foo"])(
    "is left to jsonata: %s",
    (text) => {
      expect(compileFast(jsonata(text).ast() as unknown as Node)).toBeUndefined();
    },
  );

  it("reads own members alone", async () => {
    const scope = evaluation({ x: {}, hasOwnProperty: 1 });
    expect(await evaluate("$exists($x.constructor)", scope)).toEqual([false]);
    expect(await evaluate('$exists($lookup($x, "toString"))', scope)).toEqual([false]);
  });

  it("hides a function behind a variable of its name", async () => {
    expect(await evaluate("$count([1])", evaluation({ count: 1 }))).toBe("failed");
    expect(await evaluate("$now()", evaluation({ now: 1 }))).toBe("failed");
  });

  it("indexes once: a second index finds nothing behind the first", async () => {
    const scope = evaluation({ x: [["a", "b"]], i: 0 });
    expect(await evaluate("$x[$i][0]", scope)).toEqual([["a", "b"]]);
    expect(await evaluate("$x[$i][1]", scope)).toBe("failed");
    expect(await evaluate("($x[$i])[1]", scope)).toEqual(["b"]);
  });

  it("does not keep JSONata's marks on arrays", async () => {
    const range = (await evaluate("[1..1]")) as [Json];
    expect(await evaluate("$r", evaluation({ r: range[0] }))).toEqual([[1]]);
  });

  it("is refused where it cannot be parsed", () => {
    expect(() => compileExpression("1 +", "Output/a")).toThrow(/field Output\/a: "1 \+" is not JSONata: S0207/);
  });
});

describe("a template", () => {
  it("evaluates its parts in order, synchronous or not, and copies nothing constant", async () => {
    const constant = { deep: [1, { x: "y" }] };
    const scope = evaluation({ a: 1, xs: [1, 2] });
    const evaluated = await compileTemplate(
      { constant, a: "{% $a %}", slow: ["{% $sum($xs) %}", "{% $a + 1 %}"], last: "{% $map($xs, $string) %}" },
      "here",
    )(scope);
    expect(evaluated).toEqual({ constant, a: 1, slow: [3, 2], last: ["1", "2"] });
    expect((evaluated as { constant: unknown }).constant).toBe(constant);
    expect(compileTemplate({ a: "{% $a %}" }, "here")(scope)).toEqual({ a: 1 });
  });

  it("rejects once where two parts fail", async () => {
    const parts = compileTemplate(["{% $sum('a') %}", "{% $nowhere %}", "{% 1 + 'a' %}"], "here");
    await expect(parts(evaluation())).rejects.toMatchObject({ name: "States.QueryEvaluationError" });
  });
});

describe("Step Functions' functions", () => {
  it.each<[string, Json]>([
    ["$now()", "2026-10-01T11:45:35.838Z"],
    ["$now('[Y0001]-[M01]-[D01]')", "2026-10-01"],
    ["$now('[H01]:[m01]', '+0200')", "13:45"],
    ["$millis()", NOW],
    ["$toMillis($now()) = $millis()", true],
    ["$now(1)", "failed"],
    ["[$uuid(), $uuid()]", ["uuid-1", "uuid-2"]],
    ["$uuid(1)", "failed"],
    ["$random()", 0.25],
    ["$random(42)", 0.7275636800328681],
    ["$random('a')", "failed"],
    ["$hash('abc', 'MD5')", "900150983cd24fb0d6963f7d28e17f72"],
    ["$hash('abc', 'SHA-1')", "a9993e364706816aba3e25717850c26c9cd0d89d"],
    ["$hash('abc', 'SHA-256')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    ["$exists($hash('abc'))", false],
    ["$exists($hash($nowhere, 'MD5'))", false],
    ["$hash('abc', 'sha-256')", "failed"],
    ["$hash('abc', $nowhere)", "failed"],
    ["$hash()", "failed"],
    ["$hash(1, 'MD5')", "failed"],
    ["$parse('{\"a\": [1]}')", { a: [1] }],
    ["$exists($parse($nowhere))", false],
    ["$parse('NaN')", "failed"],
    ["$parse('1e400')", "failed"],
    ["$parse(null)", "failed"],
    ["$partition([1, 2, 3], 2)", [[1, 2], [3]]],
    ["$partition([1], 1)", [[1]]],
    ["$partition([1, 2], 1.5)", [[1], [2]]],
    ["$partition([1, 2])", [[1, 2]]],
    ["$partition([])", [[]]],
    ["$exists($partition([], 2))", false],
    ["$exists($partition([1], 0))", false],
    ["$partition([1], -1)", "failed"],
    ["$partition(1, 1)", "failed"],
    ["$range(1, 9, 2)", [1, 3, 5, 7, 9]],
    ["$range(3, 1, -1)", [3, 2, 1]],
    ["$range(-1.5, 2.5, 1)", [-1, 0, 1, 2]],
    ["$range(1, 9, 9)", 1],
    ["[$range(1, 9, 9)]", [1]],
    ["$exists($range(2, 1, 1))", false],
    ["$exists($range(1, 2, 0))", false],
    ["$exists($range(1, 2))", false],
    ["$range(1, null, 1)", "failed"],
    ["$range(1, 1000000000, 1)", "failed"],
    ["$eval('1')", "failed"],
    ["$map(['b', 'c'], $hash ~> $type)", "failed"],
  ])("%s is %j", async (text, expected) => {
    expect(await evaluate(text)).toEqual(expected === "failed" ? "failed" : [expected]);
  });

  it("note when the clock or chance was read, and only then", async () => {
    for (const [text, expected] of [
      ["$now()", true],
      ["$millis()", true],
      ["$uuid()", true],
      ["$random()", true],
      ["$random(42)", false],
      ["$hash('a', 'MD5')", false],
      ["1 + 1", false],
    ] as const) {
      const scope = evaluation();
      await evaluate(text, scope);
      expect([text, scope.chance.used]).toEqual([text, expected]);
    }
  });
});
