import type { Item } from "../../store/items.ts";

/** A row of the table `items`, as far as an item is read from it. */
export interface ItemRow {
  readonly body: string;
  /** JSON list of the attributes that are sets; null where there are none. */
  readonly sets: string | null;
}

type Columns = [
  pk: string,
  sk: string,
  gk: string | null,
  gs: string | null,
  ttl: number | null,
  body: string,
  sets: string | null,
];

/** The columns of an item, in the order of the table. An empty set is no attribute. */
export function encodeItem(item: Item): Columns {
  const sets = Object.entries(item).filter((entry): entry is [string, ReadonlySet<string>] => entry[1] instanceof Set);
  const lists = sets.map(([name, set]) => [name, set.size === 0 ? undefined : [...set]] as const);
  const names = sets.filter(([, set]) => set.size > 0).map(([name]) => name);
  const { pk, sk, gk, gs, ttl } = item;
  return [
    pk,
    sk,
    typeof gk === "string" ? gk : null,
    typeof gs === "string" ? gs : null,
    typeof ttl === "number" ? Math.floor(ttl) : null,
    JSON.stringify(sets.length === 0 ? item : { ...item, ...Object.fromEntries(lists) }),
    names.length === 0 ? null : JSON.stringify(names),
  ];
}

export function decodeItem({ body, sets }: ItemRow): Item {
  const item = JSON.parse(body) as { -readonly [name in keyof Item]: Item[name] };
  if (sets !== null) {
    for (const name of JSON.parse(sets) as string[]) item[name] = new Set(item[name] as string[]);
  }
  return item;
}
