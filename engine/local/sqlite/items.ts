import { applyUpdate } from "../../store/apply-update.ts";
import { holds, type Condition } from "../../store/condition.ts";
import type { Item, Items, Key, Written } from "../../store/items.ts";
import type { Database } from "./database.ts";
import { decodeItem, encodeItem, type ItemRow } from "./item-row.ts";
import { queryItems } from "./query-items.ts";

const READ = "SELECT body, sets FROM items WHERE pk = ? AND sk = ?";
const WRITE = `
  INSERT INTO items (pk, sk, gk, gs, ttl, body, sets) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (pk, sk) DO UPDATE SET
    gk = excluded.gk, gs = excluded.gs, ttl = excluded.ttl, body = excluded.body, sets = excluded.sets`;
const DELETE = "DELETE FROM items WHERE pk = ? AND sk = ?";
const EXPIRE = "DELETE FROM items WHERE (pk, sk) IN (SELECT pk, sk FROM items WHERE ttl < ? LIMIT 500)";

/** The item port over SQLite. Every read sees what is committed, the index too. */
export function sqliteItems(database: Database): Items {
  const stored = ({ pk, sk }: Key): Item | undefined => {
    const row = database.prepare(READ).get(pk, sk) as ItemRow | undefined;
    return row && decodeItem(row);
  };
  const store = (item: Item): Written => {
    const columns = encodeItem(item);
    database.prepare(WRITE).run(...columns);
    return {
      ok: true,
      // Few look at what they wrote, so it is read for those alone.
      get item() {
        return decodeItem({ body: columns[5], sets: columns[6] });
      },
    };
  };
  const conditional = (key: Key, when: Condition | undefined, write: (before?: Item) => Written): Promise<Written> =>
    database.write(() => {
      const before = stored(key);
      return when === undefined || holds(when, before) ? write(before) : { ok: false, item: before };
    });

  return {
    get: async (key) => database.read(() => stored(key)),
    put: (item, { when } = {}) =>
      when === undefined ? database.write(() => store(item)) : conditional(item, when, () => store(item)),
    update: (key, update, { when } = {}) => conditional(key, when, (before) => store(applyUpdate(key, before, update))),
    delete: (key, { when } = {}) =>
      conditional(key, when, (before) => {
        database.prepare(DELETE).run(key.pk, key.sk);
        return { ok: true, item: before ?? { pk: key.pk, sk: key.sk } };
      }),
    query: async (query) => database.read(() => queryItems(database, query)),
  };
}

/** Deletes up to 500 items whose `ttl` (seconds) is over; answers how many it was. */
export function deleteExpired(database: Database, now: number): Promise<number> {
  return database.write(() => Number(database.prepare(EXPIRE).run(Math.floor(now / 1000)).changes));
}
