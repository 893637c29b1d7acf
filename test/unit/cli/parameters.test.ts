import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { parameterValue, readParameters } from "../../../engine/cli/parameters.ts";
import { ErrorName } from "../../../engine/model/errors.ts";
import type { JsonObject } from "../../../engine/model/json.ts";
import type { Schema } from "../../../engine/model/schema.ts";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";

const directory = mkdtempSync(join(tmpdir(), "millrace-parameters-"));
afterAll(() => rmSync(directory, { recursive: true }));

const definition: WorkflowDefinition = {
  name: "example",
  type: "user",
  module: "example/flows",
  function: "example",
  parameters: z.object({
    text: z.string(),
    count: z.number().int().default(1),
    maybe: z.string().nullable().optional(),
    either: z.union([z.string(), z.number()]),
    list: z.array(z.string()),
    kind: z.enum(["a", "1"]),
  }),
  result: z.null(),
  tags: [],
};
const read = (...param: string[]) => readParameters(definition, { param });

function value(schema: Schema, text: string) {
  return parameterValue(z.toJSONSchema(schema, { io: "input" }) as unknown as JsonObject, text);
}

describe("--param", () => {
  it("keeps text where the schema wants text", () => {
    fc.assert(fc.property(fc.string(), (text) => value(z.string(), text) === text));
    expect(read("text=123", "kind=1")).toEqual({ text: "123", kind: "1" });
    expect(read('text="quoted"')).toEqual({ text: '"quoted"' });
    expect(read("text=a=b")).toEqual({ text: "a=b" });
  });

  it("reads JSON where the schema wants something else, and what JSON.stringify wrote as it was", () => {
    expect(read("count=3", 'list=["a"]')).toEqual({ count: 3, list: ["a"] });
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        expect(value(z.unknown(), JSON.stringify(json))).toEqual(JSON.parse(JSON.stringify(json)));
      }),
    );
  });

  it("decides by the type of the JSON where the schema allows text and more", () => {
    expect(read("maybe=null", "either=5")).toEqual({ maybe: null, either: 5 });
    expect(read("maybe=5", "either=five")).toEqual({ maybe: "5", either: "five" });
  });

  it("leaves text that is no JSON to the schema's own complaint", () => {
    expect(read("count=many")).toEqual({ count: "many" });
  });

  it("refuses a name that the workflow lacks", () => {
    expect(() => read("txet=x")).toThrow(/no parameter "txet".*text, count, maybe, either, list, kind/);
    expect(() => read("toString=1")).toThrow(/no parameter "toString"/);
    expect(() => read("__proto__=1")).toThrow(/no parameter "__proto__"/);
  });

  it.each([
    [["text"], /takes name=value, not "text"/],
    [["=text"], /takes name=value, not "=text"/],
    [["text=a", "count=1", "text=a"], /names "text" twice/],
  ])("is misused by %j", (param, message) => {
    expect(() => read(...param)).toThrow(
      expect.objectContaining({
        name: ErrorName.INVALID_REQUEST,
        message: expect.stringMatching(message) as string,
      }),
    );
  });
});

describe("--parameters and --params-file", () => {
  it("are overridden in the order file, object, single", () => {
    const paramsFile = join(directory, "parameters.json");
    writeFileSync(paramsFile, '{"text":"file","count":1,"either":1}');
    const options = { paramsFile, parameters: '{"text":"object","count":2}', param: ["text=single"] };
    expect(readParameters(definition, options)).toEqual({ text: "single", count: 2, either: 1 });
  });

  it("refuse a name that the workflow lacks", () => {
    const paramsFile = join(directory, "unknown.json");
    writeFileSync(paramsFile, '{"txet":"x"}');
    for (const options of [{ paramsFile }, { parameters: '{"text":"x","txet":"x"}' }]) {
      expect(() => readParameters(definition, options)).toThrow(/no parameter "txet".*text, count/);
    }
  });

  it.each(["[]", "null", "text", "", "{"])("refuses %j, which is no JSON object", (parameters) => {
    expect(() => readParameters(definition, { parameters })).toThrow(/--parameters must hold a JSON object/);
  });

  it("names a file that cannot be read", () => {
    expect(() => readParameters(definition, { paramsFile: join(directory, "absent") })).toThrow(
      /absent cannot be read/,
    );
  });
});
