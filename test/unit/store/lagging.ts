import type { Item, Items, Key, Written } from "../../../engine/store/items.ts";
import { memoryItems } from "../../../engine/testing/memory-items.ts";

/**
 * An item store whose index and whose reads without `consistent` answer from the past, as the port allows every store.
 * Each such read shows what was up to `behind` writes ago, and only then lets one more of them be seen: who asks often
 * enough sees everything.
 */
export function lagging(items: Items, behind = 20): Items {
  const past = memoryItems();
  const unseen: (() => Promise<unknown>)[] = [];
  const old = async <T>(read: () => Promise<T>): Promise<T> => {
    const answer = await read();
    await unseen.shift()?.();
    return answer;
  };
  const seenLater = async (written: Written, see: (item: Item) => () => Promise<unknown>): Promise<Written> => {
    if (written.ok) unseen.push(see(written.item));
    if (unseen.length > behind) await unseen.shift()?.();
    return written;
  };
  const put = (item: Item) => () => past.put(item);
  const remove = (key: Key) => () => past.delete(key);
  return {
    get: (key, options) => (options?.consistent === true ? items.get(key, options) : old(() => past.get(key))),
    put: async (item, options) => seenLater(await items.put(item, options), put),
    update: async (key, update, options) => seenLater(await items.update(key, update, options), put),
    delete: async (key, options) => seenLater(await items.delete(key, options), remove),
    query: (query) =>
      query.consistent === true && query.index === undefined ? items.query(query) : old(() => past.query(query)),
  };
}
