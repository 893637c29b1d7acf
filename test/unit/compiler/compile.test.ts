import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { compileCatalogue } from "../../../engine/compiler/compile.ts";
import type { StateMachine } from "../../../engine/model/machine.ts";
import { verify } from "../../../engine/compiler/verify.ts";
import { ROOT, SOURCES, goldenPath } from "./flows.ts";

const validate = createRequire(import.meta.url)("asl-validator") as (machine: StateMachine) => {
  readonly isValid: boolean;
  readonly errorsText: (separator?: string) => string;
};

/** Legal in Step Functions, and unknown to the schema of asl-validator: an array as output, an array in an array. */
const WRONGLY_REFUSED: { readonly [flow: string]: RegExp } = {
  literals: /^SCHEMA_VALIDATION_FAILED: \/States\/notify\/Arguments\/Payload\/input\/7\/0 is invalid. must be object$/,
  conditions: /^SCHEMA_VALIDATION_FAILED: \/States\/load-order\/Output is invalid/,
  bothWithData: /^SCHEMA_VALIDATION_FAILED: \/States\/Promise.all\/Output is invalid/,
  oneAlone: /^SCHEMA_VALIDATION_FAILED: \/States\/ship\/Output is invalid/,
  batchOrThrows: /^SCHEMA_VALIDATION_FAILED: \/States\/batch orders\/ItemProcessor\/States\/return\/Type is invalid/,
  oneWithData: /^SCHEMA_VALIDATION_FAILED: \/States\/load-order\/Output is invalid/,
  texts: /^SCHEMA_VALIDATION_FAILED: \/States\/load-order\/Output is invalid/,
};

const { workflows, diagnostics } = compileCatalogue({ root: ROOT, workflows: SOURCES });

/** `UPDATE_GOLDEN=1 npx vitest run test/unit/compiler` writes the files anew; read their difference before committing. */
const UPDATE = process.env["UPDATE_GOLDEN"] === "1";

describe("The compiler", () => {
  it("takes every flow of the fixture", () => {
    expect(diagnostics).toEqual([]);
    expect(workflows.map((workflow) => workflow.name)).toEqual(SOURCES.map((source) => source.name));
  });

  it("has a golden file for each flow and no other", () => {
    if (UPDATE) return;
    const files = readdirSync(goldenPath("").replace(/\/\.json$/, "")).map((file) => file.replace(/\.json$/, ""));
    expect(files.sort()).toEqual(SOURCES.map((source) => source.name).sort());
  });

  it.each(workflows.map((workflow) => [workflow.name, workflow] as const))(
    "makes the machine of %s",
    (name, compiled) => {
      if (UPDATE) writeFileSync(goldenPath(name), `${JSON.stringify(compiled, null, 2)}\n`);
      expect(JSON.parse(readFileSync(goldenPath(name), "utf8"))).toEqual(compiled);
    },
  );

  it.each(workflows.map((workflow) => [workflow.name, workflow.machine] as const))("makes %s legal", (_, machine) => {
    expect(verify(machine)).toEqual([]);
  });

  it.each(workflows.map((workflow) => [workflow.name, workflow.machine] as const))(
    "lets asl-validator judge %s",
    (name, machine) => {
      const answer = validate(machine);
      const problems = answer.isValid ? "" : answer.errorsText("\n");
      expect(problems).toMatch(WRONGLY_REFUSED[name] ?? /^$/);
    },
  );
});
