import { readCursor, writeCursor } from "../../store/cursor.ts";
import type { Key, Page, Query } from "../../store/items.ts";
import type { Database } from "./database.ts";
import { decodeItem, type ItemRow } from "./item-row.ts";

const PAGE_LIMIT = 1_000;

const TABLE = { columns: "sk, body, sets", partition: "pk", sort: "sk", place: ["sk"] } as const;
const INDEX = { columns: "pk, sk, gk, gs", partition: "gk", sort: "gs", place: ["gs", "pk", "sk"] } as const;

type Row = ItemRow & { readonly [column: string]: string };

/** One page of a query over the table or the index `open`. @throws MillraceError `InvalidRequest` for a bad cursor */
export function queryItems(database: Database, query: Query): Page {
  const { columns, partition, sort, place } = query.index === "open" ? INDEX : TABLE;
  const conditions = [`${partition} = ?`, ...(query.index === "open" ? ["gk IS NOT NULL", "gs IS NOT NULL"] : [])];
  const values = [query.pk];
  const where = (condition: string, ...given: readonly string[]): void => {
    conditions.push(condition);
    values.push(...given);
  };

  const { from, to, before } = range(query.sk);
  if (from !== undefined) where(`${sort} >= ?`, from);
  if (to !== undefined) where(`${sort} <= ?`, to);
  if (before !== undefined) where(`${sort} < ?`, before);
  const [direction, beyond] = query.reverse === true ? ["DESC", "<"] : ["ASC", ">"];
  if (query.cursor !== undefined) {
    const start = readCursor(query.cursor);
    const marks = place.map(() => "?").join(", ");
    where(`(${place.join(", ")}) ${beyond} (${marks})`, ...place.map((_, index) => start[index] ?? ""));
  }

  const limit = Math.min(query.limit ?? PAGE_LIMIT, PAGE_LIMIT);
  const order = place.map((column) => `${column} ${direction}`).join(", ");
  const sql = `SELECT ${columns} FROM items WHERE ${conditions.join(" AND ")} ORDER BY ${order} LIMIT ?`;
  const rows = database.prepare(sql).all(...values, limit + 1) as Row[];
  const items = rows.slice(0, limit).map(query.index === "open" ? (row) => ({ ...row }) as Row & Key : decodeItem);
  const last = rows[limit - 1];
  if (rows.length <= limit || last === undefined) return { items };
  return { items, cursor: writeCursor(place.map((column) => last[column] ?? "")) };
}

function range(sk: Query["sk"]): { readonly from?: string; readonly to?: string; readonly before?: string } {
  if (sk === undefined || !("prefix" in sk)) return sk ?? {};
  const before = successor(sk.prefix);
  return before === undefined ? { from: sk.prefix } : { from: sk.prefix, before };
}

/** The first text after all that start with the prefix, in the order of UTF-8's bytes; nothing where there is none. */
function successor(prefix: string): string | undefined {
  const points = [...prefix].map((character) => character.codePointAt(0) ?? 0);
  while (points.at(-1) === 0x10ffff) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}
