import { holderAttribute, holdersOf } from "../../engine/coordination/keys.ts";
import type { SlotVariables } from "../../engine/coordination/slot-variables.ts";
import type { Item } from "../../engine/store/items.ts";
import type { Local, Partition, Procedures } from "./pack.ts";

/** Above so many runs numbers are left as they are. */
export const RENUMBERED_RUNS = 4;
/** The numbers of one run's grants are bits of a byte. */
const BITS = 8;

/** What of the numbers in a partition or before a process matters. */
interface Uses {
  /** A byte for each run: the grants that are spoken of, as bits; bit 0 is of no grant. */
  readonly grants: number;
  /** Of the limit: how many grants there were. */
  readonly counter: number;
  readonly registered: number;
  readonly cleared: number;
}

/** One way to renumber. */
interface Renumbering {
  readonly to: (run: string, grant: number) => number;
  readonly counter: number;
  readonly registered: number;
  /** Whether it matters when the line was last found empty. */
  readonly seen: boolean;
  readonly partitions: Map<number, number>;
  readonly locals: Map<number, number>;
}

/**
 * Grants and registrations only count up, and the tables only ask whether two such numbers are equal: two grants of one
 * run, or what was registered before and what is registered now. So of states that differ in those numbers alone one
 * stands for all: the grants of each run are 1, 2, … in their order, and the counter is the highest of them all; the last
 * registration is 1, and every older one is 0 or absent, which equals none that is to come. A limit that was found empty
 * after its last registration, of which no process knows, is as one where nobody ever registered.
 */
export class Renumber {
  readonly #procedures: Procedures<SlotVariables>;
  readonly #limit: number;
  readonly #runs: number;
  readonly #processes: number;
  readonly #ofPartition: Uses[] = [];
  readonly #ofLocal: Uses[] = [];
  /** By what was registered, and whether that matters; then by grants. */
  readonly #ways: Map<number, Renumbering>[] = [];

  /** Cells of a state: the limit, the records of runs, then their machines, then processes. */
  constructor(procedures: Procedures<SlotVariables>, limit: number, runs: number, processes: number) {
    this.#procedures = procedures;
    this.#limit = limit;
    this.#runs = runs;
    this.#processes = processes;
  }

  /** Renumbers a state in place. Its processes may stand in another order then: true where they do. */
  apply(state: Uint16Array): boolean {
    const limit = this.#partition(state[this.#limit] as number);
    const { registered, cleared } = limit;
    let grants = limit.grants;
    let seen = false;
    for (let cell = this.#runs; cell < this.#processes; cell += 1) {
      const partition = state[cell] as number;
      if (partition !== 0) grants |= this.#partition(partition).grants;
    }
    for (let cell = this.#processes; cell < state.length && state[cell] !== 0; cell += 1) {
      const local = this.#local(state[cell] as number);
      grants |= local.grants;
      if (local.registered !== 0 && local.registered === registered) seen = true;
    }
    const asIs = registered === 0 || (registered === 1 && (cleared === 0 || (cleared === 1 && seen)));
    if (asIs && highest(grants) === limit.counter) return false;
    const way = this.#way(grants, registered, seen);
    state[this.#limit] = this.#partitionBy(way, state[this.#limit] as number);
    for (let cell = this.#runs; cell < this.#processes; cell += 1) {
      if (state[cell] !== 0) state[cell] = this.#partitionBy(way, state[cell] as number);
    }
    for (let cell = this.#processes; cell < state.length && state[cell] !== 0; cell += 1) {
      const local = state[cell] as number;
      let renumbered = way.locals.get(local);
      if (renumbered === undefined) way.locals.set(local, (renumbered = this.#moved(local, way)));
      state[cell] = renumbered;
    }
    return true;
  }

  #partitionBy(way: Renumbering, partition: number): number {
    let renumbered = way.partitions.get(partition);
    if (renumbered === undefined) way.partitions.set(partition, (renumbered = this.#renumbered(partition, way)));
    return renumbered;
  }

  #way(grants: number, registered: number, seen: boolean): Renumbering {
    const ways = (this.#ways[2 * registered + (seen ? 1 : 0)] ??= new Map<number, Renumbering>());
    const known = ways.get(grants);
    if (known !== undefined) return known;
    const to = (run: string, grant: number): number => {
      const mask = (grants >>> (BITS * Number(run.slice(1)))) & 0xfe;
      return bits(mask & ((2 << grant) - 1));
    };
    const counter = Math.max(...range(0, RENUMBERED_RUNS).map((run) => bits((grants >>> (BITS * run)) & 0xfe)));
    const way = {
      to,
      counter,
      registered,
      seen,
      partitions: new Map<number, number>(),
      locals: new Map<number, number>(),
    };
    ways.set(grants, way);
    return way;
  }

  #renumbered(number: number, way: Renumbering): number {
    const partition = this.#procedures.partitions.at(number);
    const [item] = partition;
    if (item?.pk.startsWith("RUN#") === true) {
      const { grant } = item;
      if (grant === undefined) return number;
      return this.#procedures.partitions.numberOf([
        { ...item, grant: way.to(item.pk.slice("RUN#".length), Number(grant)) },
      ]);
    }
    if (item?.pk.startsWith("LIMIT#") !== true) return number;
    const { registered, cleared, grants: _, ...others } = item;
    const held = Object.entries(holdersOf(item)).map(
      ([run, grant]) => [holderAttribute(run), way.to(run, grant)] as const,
    );
    const empty = registered !== undefined && registered === cleared;
    const renumbered: Item = {
      ...others,
      pk: item.pk,
      sk: item.sk,
      grants: way.counter,
      ...Object.fromEntries(held),
      ...(registered === undefined || (empty && !way.seen) ? {} : { registered: 1 }),
      ...(empty && way.seen ? { cleared: 1 } : {}),
    };
    return this.#procedures.partitions.numberOf([renumbered]);
  }

  #moved(number: number, way: Renumbering): number {
    const local = this.#procedures.locals.at(number);
    if (local === undefined) return number;
    const { run, grant, seen, ...others } = local.variables;
    const held = Object.entries(seen?.holders ?? {}).map(([holder, one]) => [holder, way.to(holder, one)] as const);
    const registered = way.registered !== 0 && seen?.registered === way.registered ? 1 : 0;
    return this.#procedures.numberOf({
      ...local,
      variables: {
        ...others,
        run,
        ...(grant === undefined ? {} : { grant: way.to(run, grant) }),
        ...(seen === undefined ? {} : { seen: { ...seen, holders: Object.fromEntries(held), registered } }),
      },
    });
  }

  #partition(number: number): Uses {
    return (this.#ofPartition[number] ??= usesOfPartition(this.#procedures.partitions.at(number)));
  }

  #local(number: number): Uses {
    return (this.#ofLocal[number] ??= usesOfLocal(this.#procedures.locals.at(number)));
  }
}

function usesOfPartition([item]: Partition): Uses {
  const none = { grants: 0, counter: 0, registered: 0, cleared: 0 };
  if (item?.pk.startsWith("RUN#") === true) {
    return { ...none, grants: grantBit(item.pk.slice("RUN#".length), Number(item["grant"] ?? 0)) };
  }
  if (item?.pk.startsWith("LIMIT#") !== true) return none;
  return {
    grants: grantBits(holdersOf(item)),
    counter: Number(item["grants"] ?? 0),
    registered: Number(item["registered"] ?? 0),
    cleared: Number(item["cleared"] ?? 0),
  };
}

function usesOfLocal(local: Local<SlotVariables> | undefined): Uses {
  const { run = "", grant = 0, seen } = local?.variables ?? {};
  const grants = grantBits(seen?.holders ?? {}) | grantBit(run, grant);
  return { grants, counter: 0, registered: seen?.registered ?? 0, cleared: 0 };
}

function grantBits(holders: { readonly [run: string]: number }): number {
  return Object.entries(holders).reduce((packed, [run, grant]) => packed | grantBit(run, grant), 0);
}

function grantBit(run: string, grant: number): number {
  if (grant === 0) return 0;
  if (grant >= BITS) throw new Error(`Grant ${grant} has no bit.`);
  return 1 << (BITS * Number(run.slice(1)) + grant);
}

/** The highest grant where those of each run are 1, 2, …; else -1. */
function highest(grants: number): number {
  let highest = 0;
  for (let left = grants; left !== 0; left >>>= BITS) {
    const mask = (left & 0xff) >>> 1;
    if ((mask & (mask + 1)) !== 0) return -1;
    if (mask > highest) highest = mask;
  }
  return 32 - Math.clz32(highest);
}

function bits(set: number): number {
  let count = 0;
  for (let left = set; left !== 0; left &= left - 1) count += 1;
  return count;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, at) => from + at);
}
