import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compileApart, compiledWorkflows } from "../../../engine/local/compile.ts";
import { Database } from "../../../engine/local/sqlite/database.ts";
import { local } from "../../../engine/local/local.ts";
import { IN_MEMORY } from "../../../engine/local/sqlite/open-database.ts";
import { sourceHash } from "../../../engine/local/source-hash.ts";
import { ErrorName } from "../../../engine/model/errors.ts";
import { WORKFLOWS } from "./fixture/catalogue/index.ts";
import { ROOT } from "./platform.ts";
import { temporaryFolder } from "./temporary.ts";

const BROKEN = join(import.meta.dirname, "broken");

describe("a catalogue that does not compile", () => {
  it("keeps the platform from starting, with every diagnostic, and leaves the lease to others", async () => {
    const directory = temporaryFolder();
    const platform = local({ root: BROKEN, directory });
    const started = platform.start();
    await expect(started).rejects.toMatchObject({ name: ErrorName.INVALID_DEFINITION });
    await expect(started).rejects.toThrow(/flows\.ts:4:17 MR\d{3} [^]*flows\.ts:5:18 MR\d{3} /);
    expect(platform.driving).toBe(false);
    await platform.close();
  });
});

describe("the compiler in its own process", () => {
  it("says what is wrong with a project that has no catalogue", async () => {
    await expect(compileApart(temporaryFolder())).rejects.toThrow(/catalogue/);
  });
});

describe("the compiled catalogue", () => {
  it("is kept by the hash of its sources and of the compiler", async () => {
    const database = new Database(IN_MEMORY);
    const kept = JSON.stringify([{ name: "kept" }]);
    const hash = sourceHash(ROOT);
    const write = (key: string): Promise<unknown> =>
      database.write(() => database.prepare("INSERT OR REPLACE INTO compiled VALUES (1, ?, ?)").run(key, kept));
    await write(hash);
    expect(await compiledWorkflows(database, ROOT)).toEqual([{ name: "kept" }]);
    await write("of other sources");
    expect((await compiledWorkflows(database, ROOT)).map(({ name }) => name)).toEqual(
      WORKFLOWS.map(({ name }) => name),
    );
    expect(database.read(() => database.prepare("SELECT hash FROM compiled").all())).toEqual([{ hash }]);
    database.close();
  });

  it("is another one where a file has moved or changed", async () => {
    expect(sourceHash(ROOT)).not.toBe(sourceHash(BROKEN));
    expect(sourceHash(ROOT)).toBe(sourceHash(ROOT));
  });
});
