import { holdersOf, OPEN_SHARDS, openPartition } from "../../engine/coordination/keys.ts";
import { applyUpdate } from "../../engine/store/apply-update.ts";
import { holds, type Condition } from "../../engine/store/condition.ts";
import type { Item, Items, Key, Query, Written } from "../../engine/store/items.ts";
import type { SimulatedClock } from "./clock.ts";
import { Sorted } from "./sorted.ts";

/** What one partition of DynamoDB takes a second. */
const PARTITION_WRITES = 1_000;
const PAGE = 1_000;

export interface StoreOptions {
  /** Of one call, in milliseconds. */
  latency(): number;
  /** A run's slot is free, or another's. */
  released(run: string): void;
}

/**
 * An item store in virtual time: each call takes as long as `latency` says, and a partition takes 1,000 writes a second.
 * Edges of tags are counted and not kept, since nothing of coordination reads them.
 */
export class SimulatedStore {
  /** Writes by the first word of the partition key, refused ones too. */
  readonly writes = new Map<string, number>();
  /** Most writes of one partition in one second, by the first word of its key. */
  readonly peaks = new Map<string, number>();
  throttled = 0;
  reads = 0;
  readonly #clock: SimulatedClock;
  readonly #options: StoreOptions;
  readonly #items = new Map<string, Map<string, Item>>();
  readonly #order = new Map<string, Sorted>();
  readonly #index = new Map<string, Sorted>();
  readonly #indexed = new Map<string, Key>();
  #second = 0;
  #load = new Map<string, number>();

  constructor(clock: SimulatedClock, options: StoreOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  /** `reached` is called before each call of a process; it may throw, and then the process has died. */
  items(reached: () => void): Items {
    const write = async (key: Key, make: (old: Item | undefined) => Written): Promise<Written> => {
      reached();
      await this.#clock.sleep(this.#options.latency() + this.#count(key.pk));
      return make(this.#items.get(key.pk)?.get(key.sk));
    };
    return {
      get: async (key) => {
        reached();
        this.reads += 1;
        await this.#clock.sleep(this.#options.latency());
        return this.#items.get(key.pk)?.get(key.sk);
      },
      put: (item, { when } = {}) => write(item, (old) => this.#put(old, item, when)),
      update: (key, update, { when } = {}) => write(key, (old) => this.#put(old, applyUpdate(key, old, update), when)),
      delete: (key, { when } = {}) =>
        write(key, (old) => {
          if (when !== undefined && !holds(when, old)) return { ok: false, item: old };
          this.#remove(key, old);
          return { ok: true, item: old ?? { ...key } };
        }),
      query: async (query) => {
        reached();
        this.reads += 1;
        await this.#clock.sleep(this.#options.latency());
        return this.#query(query);
      },
    };
  }

  get openRuns(): number {
    return OPEN_SHARDS.reduce((sum, shard) => sum + (this.#index.get(openPartition(shard))?.size ?? 0), 0);
  }

  /** Forgets an item, as time-to-live does. */
  forget(key: Key): void {
    this.#remove(key, this.#items.get(key.pk)?.get(key.sk));
  }

  #put(old: Item | undefined, item: Item, when: Condition | undefined): Written {
    if (when !== undefined && !holds(when, old)) return { ok: false, item: old };
    if (item.pk.startsWith("TAG#")) return { ok: true, item };
    this.#reindex(old, item);
    if (item.pk.startsWith("LIMIT#")) this.#tellReleases(old, item);
    const partition = this.#items.get(item.pk) ?? new Map<string, Item>();
    this.#items.set(item.pk, partition.set(item.sk, item));
    if (old === undefined) sortedAt(this.#order, item.pk).add(item.sk);
    return { ok: true, item };
  }

  #tellReleases(old: Item | undefined, item: Item): void {
    const after = holdersOf(item);
    for (const run of Object.keys(holdersOf(old))) if (after[run] === undefined) this.#options.released(run);
  }

  #remove(key: Key, old: Item | undefined): void {
    if (old === undefined) return;
    this.#reindex(old, undefined);
    this.#items.get(key.pk)?.delete(key.sk);
    this.#order.get(key.pk)?.delete(key.sk);
    if (this.#items.get(key.pk)?.size === 0) {
      this.#items.delete(key.pk);
      this.#order.delete(key.pk);
    }
  }

  #reindex(old: Item | undefined, item: Item | undefined): void {
    if (old?.["gk"] === item?.["gk"] && old?.["gs"] === item?.["gs"]) return;
    if (old?.["gk"] !== undefined) {
      this.#index.get(old["gk"] as string)?.delete(old["gs"] as string);
      this.#indexed.delete(`${old["gk"] as string} ${old["gs"] as string}`);
    }
    if (item?.["gk"] !== undefined) {
      sortedAt(this.#index, item["gk"] as string).add(item["gs"] as string);
      this.#indexed.set(`${item["gk"] as string} ${item["gs"] as string}`, { pk: item.pk, sk: item.sk });
    }
  }

  #query({ pk, sk, index, limit = PAGE, cursor }: Query) {
    const { from = "", to = "\uffff" } = sk === undefined ? {} : "prefix" in sk ? rangeOf(sk.prefix) : sk;
    const sorted = (index === undefined ? this.#order : this.#index).get(pk);
    const start = cursor === undefined ? from : `${cursor}\u0000`;
    const keys = (sorted?.slice(start, limit) ?? []).filter((key) => key <= to);
    const items = keys.flatMap((key) =>
      index === undefined ? (this.#items.get(pk)?.get(key) ?? []) : (this.#indexEntry(pk, key) ?? []),
    );
    const last = keys.at(-1);
    return { items, ...(last !== undefined && keys.length === limit ? { cursor: last } : {}) };
  }

  #indexEntry(gk: string, gs: string): Item | undefined {
    const key = this.#indexed.get(`${gk} ${gs}`);
    return key && { ...key, gk, gs };
  }

  /** Counts a write; answers how long the partition makes it wait. */
  #count(pk: string): number {
    const kind = pk.slice(0, pk.indexOf("#"));
    this.writes.set(kind, (this.writes.get(kind) ?? 0) + 1);
    const second = Math.floor(this.#clock.now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#load = new Map();
    }
    const load = (this.#load.get(pk) ?? 0) + 1;
    this.#load.set(pk, load);
    this.peaks.set(kind, Math.max(this.peaks.get(kind) ?? 0, load));
    if (load <= PARTITION_WRITES) return 0;
    this.throttled += 1;
    return 1000 * Math.floor(load / PARTITION_WRITES);
  }
}

function rangeOf(prefix: string): { readonly from: string; readonly to: string } {
  return { from: prefix, to: `${prefix}\uffff` };
}

function sortedAt(map: Map<string, Sorted>, key: string): Sorted {
  const sorted = map.get(key) ?? new Sorted();
  map.set(key, sorted);
  return sorted;
}
