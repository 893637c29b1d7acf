import { execFile } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { Database } from "../../../engine/local/sqlite/database.ts";
import { IN_MEMORY, readDurability } from "../../../engine/local/sqlite/open-database.ts";
import { SCHEMA } from "../../../engine/local/sqlite/schema.ts";
import { sqliteItems } from "../../../engine/local/sqlite/items.ts";
import { ErrorName } from "../../../engine/model/errors.ts";
import { temporaryFolder } from "./temporary.ts";

const LOCAL = join(import.meta.dirname, "../../../engine/local/sqlite");
const INSERT = "INSERT INTO logs (id, execution, line) VALUES (?, 1, ?)";
const COUNT = "SELECT count(*) AS n FROM logs";

function insert(database: Database, id: number): Promise<number> {
  return database.write(() => {
    database.prepare(INSERT).run(id, `line ${id}`);
    return id;
  });
}

const count = (database: Database): unknown => database.read(() => database.prepare(COUNT).get()?.["n"]);

describe("group commit", () => {
  it("shares one transaction among the writes of one turn and resolves in their order", async () => {
    const database = new Database(IN_MEMORY);
    const order: number[] = [];
    const writes = [1, 2, 3].map((id) => insert(database, id).then((value) => order.push(value)));
    expect(count(database)).toBe(0);
    await Promise.all(writes);
    expect(order).toEqual([1, 2, 3]);
    expect(count(database)).toBe(3);
    database.close();
  });

  it("fails the promise of a failing statement alone", async () => {
    const database = new Database(IN_MEMORY);
    const outcomes = await Promise.allSettled([insert(database, 1), insert(database, 1), insert(database, 2)]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(count(database)).toBe(2);
    database.close();
  });

  it("commits what waits when it is closed, and refuses what comes later", async () => {
    const path = join(temporaryFolder(), "millrace.db");
    const database = new Database(path);
    const written = insert(database, 1);
    database.close();
    await expect(written).resolves.toBe(1);
    await expect(insert(database, 2)).rejects.toMatchObject({ name: ErrorName.PLATFORM_UNAVAILABLE });
    const again = new Database(path);
    expect(count(again)).toBe(1);
    again.close();
  });

  it("tells by its version that another connection has committed", async () => {
    const path = join(temporaryFolder(), "millrace.db");
    const [one, other] = [new Database(path), new Database(path)];
    const before = one.version();
    await insert(one, 1);
    expect(one.version()).toBe(before);
    await insert(other, 2);
    expect(one.version()).not.toBe(before);
    one.close();
    other.close();
  });
});

describe("processes that open one new database at once", () => {
  it("all find one schema, and none of their updates of one item is lost", async () => {
    const path = join(temporaryFolder(), "deep", "millrace.db");
    const script = `
      const { Database } = await import(${JSON.stringify(join(LOCAL, "database.ts"))});
      const { sqliteItems } = await import(${JSON.stringify(join(LOCAL, "items.ts"))});
      const database = new Database(process.argv[1]);
      const items = sqliteItems(database);
      for (let n = 0; n < 50; n++) await items.update({ pk: "counter", sk: "#" }, { add: { count: 1 } });
      database.close();`;
    const run = promisify(execFile);
    await Promise.all([1, 2, 3].map(() => run(process.execPath, ["--input-type=module", "-e", script, path])));
    const database = new Database(path);
    expect(await sqliteItems(database).get({ pk: "counter", sk: "#" })).toMatchObject({ count: 150 });
    database.close();
  });
});

describe("durability", () => {
  it("is what MILLRACE_DURABILITY says, process where it is not set", () => {
    expect([readDurability(undefined), readDurability("power-loss")]).toEqual(["process", "power-loss"]);
    expect(() => readDurability("full")).toThrow(/MILLRACE_DURABILITY is "full"; allowed are "process".*"power-loss"/);
  });

  it.for([
    ["process", 1],
    ["power-loss", 2],
  ] as const)("%s is level %i of SQLite's synchronous", ([durability, synchronous]) => {
    const database = new Database(join(temporaryFolder(), "millrace.db"), durability);
    expect(database.read(() => database.prepare("PRAGMA synchronous").get())).toEqual({ synchronous });
    expect(database.read(() => database.prepare("PRAGMA journal_mode").get())).toEqual({ journal_mode: "wal" });
    database.close();
  });
});

describe("a database of an older format", () => {
  it("is extended, and keeps what it has", () => {
    const path = join(temporaryFolder(), "millrace.db");
    const older = new DatabaseSync(path);
    older.exec(`${SCHEMA[0]}; PRAGMA user_version = 1; INSERT INTO definitions VALUES ('hash', 'body')`);
    older.close();
    for (let opened = 0; opened < 2; opened += 1) {
      const database = new Database(path);
      expect(database.read(() => database.prepare("SELECT body FROM definitions").all())).toEqual([{ body: "body" }]);
      expect(database.read(() => database.prepare("SELECT * FROM callbacks").all())).toEqual([]);
      expect(database.read(() => database.prepare("PRAGMA user_version").get())).toEqual({ user_version: 2 });
      database.close();
    }
  });
});

describe("a database that cannot be used", () => {
  const refused = (path: string, message: RegExp): void => {
    const folder = join(path, "..");
    const before = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString("hex")]);
    expect(() => new Database(path)).toThrow(
      expect.objectContaining({
        name: ErrorName.PLATFORM_UNAVAILABLE,
        message: expect.stringMatching(message) as string,
      }),
    );
    expect(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString("hex")])).toEqual(before);
  };

  it("of a newer Millrace is refused and left as it is", () => {
    const path = join(temporaryFolder(), "millrace.db");
    const newer = new DatabaseSync(path);
    newer.exec("PRAGMA user_version = 99");
    newer.close();
    refused(path, /millrace\.db has the format 99 of a newer Millrace; this one reads 2\. Update/);
  });

  it("whose newer version still lies in the write-ahead log is refused", () => {
    const folder = temporaryFolder();
    const path = join(folder, "millrace.db");
    const newer = new DatabaseSync(path);
    newer.exec("PRAGMA journal_mode = WAL; PRAGMA user_version = 99");
    const copy = join(temporaryFolder(), "millrace.db");
    for (const end of ["", "-wal"]) copyFileSync(path + end, copy + end);
    newer.close();
    expect(() => new Database(copy)).toThrow(/format 99 of a newer Millrace/);
  });

  it("that is no database is refused and left as it is", () => {
    const path = join(temporaryFolder(), "millrace.db");
    writeFileSync(path, "not a database, but long enough to have a header of one hundred bytes ".repeat(3));
    refused(path, /is not a database\. Move it away/);
    writeFileSync(path, "short");
    refused(path, /is not a database/);
  });

  it("that is damaged inside is told at its first use", () => {
    const path = join(temporaryFolder(), "millrace.db");
    new Database(path).close();
    const bytes = readFileSync(path);
    bytes.fill(0xff, 100, bytes.length);
    writeFileSync(path, bytes);
    expect(() => count(new Database(path))).toThrow(
      expect.objectContaining({
        name: ErrorName.PLATFORM_UNAVAILABLE,
        message: expect.stringMatching(/is damaged/) as string,
      }),
    );
  });

  it("below something that is no folder is refused", () => {
    const path = join(temporaryFolder(), "file");
    writeFileSync(path, "");
    for (const folder of [path, join(path, "deeper")]) {
      expect(() => new Database(join(folder, "millrace.db"))).toThrow(
        `${path} is a file: move it away, or set MILLRACE_DIRECTORY to another folder.`,
      );
    }
  });

  it.runIf(process.platform === "linux")("where no folder can be made is refused", () => {
    expect(() => new Database("/proc/millrace/deeper/millrace.db")).toThrow(
      /The folder \/proc\/millrace\/deeper cannot be written \(E\w+\)\. Give/,
    );
  });

  it.skipIf(process.getuid?.() === 0)("in a folder without write permission is refused", () => {
    const folder = join(temporaryFolder(), "locked");
    mkdirSync(folder);
    chmodSync(folder, 0o555);
    refused(join(folder, "millrace.db"), /locked cannot be written \(EACCES\)/);
  });
});
