import { applyUpdate, storedItem } from "../store/apply-update.ts";
import { holds, type Condition } from "../store/condition.ts";
import { readCursor, writeCursor } from "../store/cursor.ts";
import type { Item, Items, Key, Page, Query, Written } from "../store/items.ts";

/** The item port in memory, for tests. */
export function memoryItems(): Items {
  const stored = new Map<string, Item>();
  const at = (key: Key): string => JSON.stringify([key.pk, key.sk]);

  /** `after` makes the new item of the old one; nothing deletes it. */
  const write = (key: Key, when: Condition | undefined, after: (before?: Item) => Item | undefined): Written => {
    const before = stored.get(at(key));
    if (when !== undefined && !holds(when, before)) return { ok: false, item: before && storedItem(before) };
    const item = after(before);
    if (item === undefined) stored.delete(at(key));
    else stored.set(at(key), item);
    return { ok: true, item: storedItem(item ?? before ?? { pk: key.pk, sk: key.sk }) };
  };

  return {
    get: async (key) => {
      const item = stored.get(at(key));
      return item && storedItem(item);
    },
    put: async (item, options) => write(item, options?.when, () => storedItem(item)),
    update: async (key, update, options) => write(key, options?.when, (before) => applyUpdate(key, before, update)),
    delete: async (key, options) => write(key, options?.when, () => undefined),
    query: async (query) => page([...stored.values()], query),
  };
}

function page(all: readonly Item[], query: Query): Page {
  const partition = query.index === "open" ? "gk" : "pk";
  const sort = query.index === "open" ? "gs" : "sk";
  const place = (item: Item): string[] =>
    query.index === "open" ? [item["gs"] as string, item.pk, item.sk] : [item.sk];
  const direction = query.reverse === true ? -1 : 1;
  const start = query.cursor === undefined ? undefined : readCursor(query.cursor);
  const found = all
    .filter((item) => item[partition] === query.pk && typeof item[sort] === "string" && inRange(item[sort], query.sk))
    .sort((left, right) => direction * comparePlaces(place(left), place(right)))
    .filter((item) => start === undefined || direction * comparePlaces(place(item), start) > 0);
  const items = found.slice(0, Math.min(query.limit ?? 1_000, 1_000));
  const last = items.at(-1);
  return {
    items: items.map((item) => storedItem(query.index === "open" ? indexEntry(item) : item)),
    ...(last === undefined || items.length === found.length ? {} : { cursor: writeCursor(place(last)) }),
  };
}

function inRange(value: string, range: Query["sk"]): boolean {
  if (range === undefined) return true;
  if ("prefix" in range) return value.startsWith(range.prefix);
  return (
    (range.from === undefined || compareBytes(value, range.from) >= 0) &&
    (range.to === undefined || compareBytes(value, range.to) <= 0)
  );
}

function indexEntry({ pk, sk, gk, gs }: Item): Item {
  return { pk, sk, gk: gk as string, gs: gs as string };
}

function comparePlaces(left: readonly string[], right: readonly string[]): number {
  const difference = left.findIndex((part, index) => part !== right[index]);
  return difference < 0 ? 0 : compareBytes(left[difference] ?? "", right[difference] ?? "");
}

function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
