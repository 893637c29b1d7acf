import type { Blobs, BlobInfo } from "./blobs.ts";
import type { Condition } from "./condition.ts";
import type { Items, Written } from "./items.ts";

/**
 * The part of the item port below a prefix of the partition keys, the table's `pk` and the index's `gk`: a domain's
 * tasks see only their own items.
 */
export function prefixItems(items: Items, prefix: string): Items {
  const inner = <T extends object>(attributes: T): T => changeKeys(attributes, (key) => prefix + key);
  const outer = <T extends object>(attributes: T): T => changeKeys(attributes, (key) => key.slice(prefix.length));
  const written = (outcome: Written): Written =>
    outcome.item === undefined ? outcome : { ...outcome, item: outer(outcome.item) };
  const when = (options: { readonly when?: Condition } = {}) =>
    options.when === undefined ? {} : { when: changeCondition(options.when, inner) };
  return {
    get: async (key, options) => {
      const item = await items.get(inner(key), options);
      return item && outer(item);
    },
    put: async (item, options) => written(await items.put(inner(item), when(options))),
    update: async (key, update, options) => {
      const { set = {}, setIfAbsent = {} } = update;
      const changed = { ...update, set: inner(set), setIfAbsent: inner(setIfAbsent) };
      return written(await items.update(inner(key), changed, when(options)));
    },
    delete: async (key, options) => written(await items.delete(inner(key), when(options))),
    query: async (query) => {
      const page = await items.query(inner(query));
      return { ...page, items: page.items.map(outer) };
    },
  };
}

function changeKeys<T extends object>(attributes: T, change: (key: string) => string): T {
  const changed = { ...attributes } as { [name: string]: unknown };
  for (const name of ["pk", "gk"]) {
    const key = changed[name];
    if (typeof key === "string") changed[name] = change(key);
  }
  return changed as T;
}

function changeCondition(condition: Condition, inner: <T extends object>(attributes: T) => T): Condition {
  if ("and" in condition) return { and: condition.and.map((part) => changeCondition(part, inner)) };
  if ("or" in condition) return { or: condition.or.map((part) => changeCondition(part, inner)) };
  if ("not" in condition) return { not: changeCondition(condition.not, inner) };
  if (!("to" in condition)) return condition;
  return { ...condition, to: inner({ [condition.attribute]: condition.to })[condition.attribute] ?? null };
}

/** The part of the blob port below a prefix. */
export function prefixBlobs(blobs: Blobs, prefix: string): Blobs {
  const outer = (info: BlobInfo): BlobInfo => ({ ...info, key: info.key.slice(prefix.length) });
  return {
    put: (key, bytes) => blobs.put(prefix + key, bytes),
    putIfAbsent: (key, bytes) => blobs.putIfAbsent(prefix + key, bytes),
    get: (key) => blobs.get(prefix + key),
    head: async (key) => {
      const info = await blobs.head(prefix + key);
      return info === undefined ? undefined : outer(info);
    },
    list: async function* (start) {
      for await (const info of blobs.list(prefix + start)) yield outer(info);
    },
    delete: (key) => blobs.delete(prefix + key),
  };
}
