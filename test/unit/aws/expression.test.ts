import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { marshal, marshalItem, unmarshalItem } from "../../../engine/aws/dynamo-attribute.ts";
import { aliases, conditionText, updateText } from "../../../engine/aws/expression.ts";
import { ErrorName } from "../../../engine/model/errors.ts";
import { absent, and, compare, exists, isNew, not, or } from "../../../engine/store/condition.ts";
import { arbitraryCondition, arbitraryItem } from "../store/arbitrary.ts";

function texts(condition: Parameters<typeof conditionText>[0]) {
  const use = aliases();
  return { text: conditionText(condition, use), ...use.maps() };
}

describe("condition expressions", () => {
  it("aliases every name once and every value", () => {
    expect(texts(or(absent("h:1#2"), compare("n", "<", 3), compare("n", "=", { attribute: "h:1#2" })))).toEqual({
      text: "(attribute_not_exists(#n0)) OR (#n1 < :v0) OR (attribute_exists(#n1) AND attribute_exists(#n0) AND #n1 = #n0)",
      ExpressionAttributeNames: { "#n0": "h:1#2", "#n1": "n" },
      ExpressionAttributeValues: { ":v0": { N: "3" } },
    });
    expect(texts(isNew)).toEqual({ text: "attribute_not_exists(#n0)", ExpressionAttributeNames: { "#n0": "pk" } });
  });

  it("spells out where DynamoDB differs: <> of an absent attribute, an order of booleans, and and or of nothing", () => {
    expect(texts(compare("a", "<>", "x")).text).toBe("attribute_exists(#n0) AND #n0 <> :v0");
    const never = "attribute_exists(#n0) AND attribute_not_exists(#n0)";
    expect(texts(compare("a", "<", true)).text).toBe(never);
    expect(texts(compare("a", ">=", null)).text).toBe(never);
    expect(texts(or()).text).toBe(never);
    expect(texts(and()).text).toBe("attribute_exists(#n0) OR attribute_not_exists(#n0)");
    expect(texts(and(not(exists("a")))).text).toBe("NOT (attribute_exists(#n0))");
  });

  it("never doubles parentheses and never leaves a name or value unused, both of which DynamoDB refuses", () => {
    fc.assert(
      fc.property(arbitraryCondition, (condition) => {
        const { text, ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = texts(condition);
        expect(doubled(text)).toBe(false);
        for (const alias of [...Object.keys(names), ...Object.keys(values)])
          expect(text).toMatch(RegExp(`${alias}\\b`));
      }),
    );
    expect(doubled("(a) AND ((b))")).toBe(true);
    expect(doubled("((a) AND (b))")).toBe(false);
  });
});

/** Some pair of parentheses holds nothing but another pair. */
function doubled(text: string): boolean {
  const opened: number[] = [];
  const pairs = new Map<number, number>();
  for (const [index, character] of [...text].entries()) {
    if (character === "(") opened.push(index);
    if (character === ")") pairs.set(opened.pop() ?? -1, index);
  }
  return [...pairs].some(([start, end]) => pairs.get(start + 1) === end - 1);
}

describe("update expressions", () => {
  it("has a clause for each kind of change, and none for an empty set", () => {
    const use = aliases();
    const update = {
      set: { a: [null], gone: new Set<string>() },
      setIfAbsent: { b: "x", none: new Set<string>() },
      add: { n: 2, s: new Set(["t"]), empty: new Set<string>() },
      remove: ["r"],
      nextOf: { counter: "g", to: ["h", "g"] },
    };
    expect(updateText(update, use)).toBe(
      "SET #n0 = :v0, #n1 = if_not_exists(#n1, :v1), #n3 = if_not_exists(#n2, :v2) + :v3, #n2 = if_not_exists(#n2, :v4) + :v5 ADD #n4 :v6, #n5 :v7 REMOVE #n6, #n7",
    );
    expect(Object.values(use.maps().ExpressionAttributeNames ?? {})).toEqual([
      "a",
      "b",
      "g",
      "h",
      "n",
      "s",
      "r",
      "gone",
    ]);
  });

  it("is no expression at all where nothing changes", () => {
    expect(updateText({}, aliases())).toBeUndefined();
    expect(updateText({ set: {}, remove: [], add: { s: new Set() } }, aliases())).toBeUndefined();
  });
});

describe("attributes", () => {
  it("come back as they were", () => {
    fc.assert(
      fc.property(arbitraryItem, (attributes) => {
        const full = Object.entries(attributes).filter(([, value]) => !(value instanceof Set && value.size === 0));
        const item = { pk: "p", sk: "s", ...attributes };
        expect(unmarshalItem(marshalItem(item))).toEqual({ pk: "p", sk: "s", ...Object.fromEntries(full) });
      }),
    );
  });

  it("hold every double that DynamoDB has as the same double, and refuse the others", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        const size = Math.abs(value);
        if (size === 0 || (size >= 1e-130 && size < 1e126)) {
          const { N: text = "" } = marshal(value);
          expect(Number(text)).toBe(value + 0);
          expect(text.replace(/e.*|[-.]/g, "").replace(/^0+|0+$/g, "").length).toBeLessThanOrEqual(38);
        } else expect(() => marshal(value)).toThrow(expect.objectContaining({ name: ErrorName.INVALID_REQUEST }));
      }),
    );
    expect(() => marshal([{ a: Number.NaN }])).toThrow("The number NaN cannot be stored");
  });
});
