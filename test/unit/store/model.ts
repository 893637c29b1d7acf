import { holds, type Condition } from "../../../engine/store/condition.ts";
import type { Attribute, Item, Items, Key, Update, Written } from "../../../engine/store/items.ts";

/** The item port as its words say, in the plainest code there is: what the stores are held against. */
export function modelItems(): Items {
  const partitions: Record<string, Record<string, Item>> = {};

  const write = (
    key: Key,
    when: Condition | undefined,
    change: (before: Item | undefined) => Item | undefined,
  ): Written => {
    const partition = (partitions[key.pk] ??= {});
    const before = partition[key.sk];
    if (when && !holds(when, before)) return { ok: false, item: before };
    const after = change(before);
    if (after) partition[key.sk] = after;
    else delete partition[key.sk];
    return { ok: true, item: after ?? before ?? { pk: key.pk, sk: key.sk } };
  };

  return {
    get: async ({ pk, sk }) => partitions[pk]?.[sk],
    put: async (item, options) => write(item, options?.when, () => withoutEmptySets(item)),
    update: async (key, update, options) => write(key, options?.when, (before) => updated(key, before, update)),
    delete: async (key, options) => write(key, options?.when, () => undefined),
    query: async ({ pk, sk: range = {}, reverse, limit = 1_000 }) => {
      const bytes = (text: string): string => Buffer.from(text).toString("hex");
      const found = Object.values(partitions[pk] ?? {}).filter(({ sk }) =>
        "prefix" in range
          ? bytes(sk).startsWith(bytes(range.prefix))
          : bytes(sk) >= bytes(range.from ?? "") && (range.to === undefined || bytes(sk) <= bytes(range.to)),
      );
      found.sort((left, right) => (bytes(left.sk) < bytes(right.sk) ? -1 : 1));
      return { items: (reverse ? found.toReversed() : found).slice(0, limit) };
    },
  };
}

function updated(key: Key, before: Item | undefined, update: Update): Item {
  const old: { [attribute: string]: Attribute } = { ...before };
  const after: { [attribute: string]: Attribute } = { ...before, ...update.setIfAbsent, ...before, ...update.set };
  for (const [name, amount] of Object.entries(update.add ?? {})) {
    after[name] =
      typeof amount === "number"
        ? ((old[name] as number | undefined) ?? 0) + amount
        : new Set([...((old[name] as Set<string> | undefined) ?? []), ...amount]);
  }
  if (update.nextOf) {
    for (const name of update.nextOf.to) after[name] = ((old[update.nextOf.counter] as number | undefined) ?? 0) + 1;
  }
  for (const name of update.remove ?? []) delete after[name];
  return withoutEmptySets({ ...after, pk: key.pk, sk: key.sk });
}

function withoutEmptySets(item: Item): Item {
  return Object.fromEntries(
    Object.entries(item).filter(([, value]) => !(value instanceof Set && value.size === 0)),
  ) as Item;
}
