import type { Json } from "../model/json.ts";
import type { Condition } from "./condition.ts";

/**
 * The item port: all that Millrace keeps goes through single conditional writes of one item, so that the same
 * procedures run over SQLite and over DynamoDB. There are no transactions.
 */
export interface Items {
  /** Strong where `consistent`, else possibly old. */
  get(key: Key, options?: { readonly consistent?: boolean }): Promise<Item | undefined>;
  /** Replaces the whole item. */
  put(item: Item, options?: { readonly when?: Condition }): Promise<Written>;
  /** Changes an item, or makes one that has only its key first. */
  update(key: Key, update: Update, options?: { readonly when?: Condition }): Promise<Written>;
  /** Answers with the item that it deleted, or with its key alone where there was none. */
  delete(key: Key, options?: { readonly when?: Condition }): Promise<Written>;
  query(query: Query): Promise<Page>;
}

export interface Key {
  /** Partition key. */
  readonly pk: string;
  /** Sort key, ordered by the bytes of its UTF-8. */
  readonly sk: string;
}

/** A text set is unordered and never empty; an empty one is removed, as DynamoDB has none. */
export type Attribute = Json | ReadonlySet<string>;

/**
 * `gk` and `gs`, where both are present, put the item into the index `open`; `ttl` (seconds since the epoch) lets a
 * store delete it some time later. An expired item may still be read.
 */
export type Item = Key & { readonly [attribute: string]: Attribute };

/** The loser of a condition gets the item that won, or nothing where there is none. */
export type Written =
  { readonly ok: true; readonly item: Item } | { readonly ok: false; readonly item: Item | undefined };

/** All parts are applied at once to the item as it was. A path is the name of a top-level attribute. */
export interface Update {
  readonly set?: { readonly [attribute: string]: Attribute };
  readonly setIfAbsent?: { readonly [attribute: string]: Attribute };
  /** A number adds, a set joins; an absent attribute counts as 0 or empty. */
  readonly add?: { readonly [attribute: string]: number | ReadonlySet<string> };
  readonly remove?: readonly string[];
  /** Counter + 1 (an absent one counts as 0), written to each of these attributes; the counter itself only if listed. */
  readonly nextOf?: { readonly counter: string; readonly to: readonly string[] };
}

export interface Query {
  readonly pk: string;
  /** Sort keys from and to (both inclusive), or with a prefix. */
  readonly sk?: { readonly from?: string; readonly to?: string } | { readonly prefix: string };
  /** Query the index by `gk` (given as `pk`) and `gs` (as `sk`): always eventual, answers with keys and gk, gs only. */
  readonly index?: "open";
  readonly reverse?: boolean;
  /** Items in a page; 1,000 at most and by default. */
  readonly limit?: number;
  /** From the page before; opaque, only for the same query. */
  readonly cursor?: string;
  readonly consistent?: boolean;
}

export interface Page {
  readonly items: readonly Item[];
  /** Present where more may follow. */
  readonly cursor?: string;
}
