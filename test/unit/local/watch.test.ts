import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./temporary.ts";

describe("a project that is watched", () => {
  it("has what is saved in the next run, keeps what was there where it is broken, and leaves runs their code", () => {
    const script = join(import.meta.dirname, "watched.ts");
    const told = JSON.parse(
      execFileSync(process.execPath, [script, temporaryFolder()], { encoding: "utf8" }),
    ) as unknown[];
    expect(told).toEqual([
      "hello you one",
      "good day you one",
      "good day you two",
      "good day you two!",
      ["question"],
      "good day you two!",
      expect.stringMatching(/functions\/words\/flows\.ts:1:\d+ MR003/),
      "good day you two!",
      "again you two!",
      "again you three!",
    ]);
  });
});
