import { expect, it } from "vitest";
import { Database } from "../../../engine/local/sqlite/database.ts";
import { IN_MEMORY } from "../../../engine/local/sqlite/open-database.ts";
import { deleteExpired, sqliteItems } from "../../../engine/local/sqlite/items.ts";

it("deletes items whose ttl is over, and no others", async () => {
  const database = new Database(IN_MEMORY);
  const items = sqliteItems(database);
  await Promise.all([
    items.put({ pk: "p", sk: "over", ttl: 99 }),
    items.put({ pk: "p", sk: "just not", ttl: 100 }),
    items.put({ pk: "p", sk: "no number", ttl: "soon" }),
    items.put({ pk: "p", sk: "without" }),
  ]);
  expect(await deleteExpired(database, 100_900)).toBe(1);
  const { items: left } = await items.query({ pk: "p" });
  expect(left.map(({ sk }) => sk)).toEqual(["just not", "no number", "without"]);
  database.close();
});
