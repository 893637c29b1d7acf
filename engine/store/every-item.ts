import type { Item, Items, Query } from "./items.ts";

/** Every item that a query finds, page after page. */
export async function* everyItem(items: Items, query: Query): AsyncGenerator<Item> {
  let cursor = query.cursor;
  do {
    const page = await items.query({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    yield* page.items;
    cursor = page.cursor;
  } while (cursor !== undefined);
}
