import type { Items } from "../../engine/store/items.ts";
import type { Chance } from "./chance.ts";

/** A process dies here; what it was doing is never finished by it. */
export class Crash extends Error {
  override readonly name = "Crash";
}

/** Where faults are made, and how many were. */
export interface Faults {
  readonly chance: Chance;
  /** Off: everything works. */
  on: boolean;
  readonly made: { crashes: number; lostResponses: number; lostEvents: number; doubledEvents: number };
}

export function newFaults(chance: Chance): Faults {
  return { chance, on: true, made: { crashes: 0, lostResponses: 0, lostEvents: 0, doubledEvents: 0 } };
}

const CRASHES = 0.02;
const LOST_RESPONSES = 0.03;

/** Does one call of a service. */
export type Call = <T>(call: () => Promise<T>) => Promise<T>;

/**
 * How a new process calls services: it may die before or after each call, and calls nothing after that; the response may be
 * lost, after which the client calls once more, as the SDK does. The order of what goes on at once is shuffled.
 */
export function mortal(faults: Faults): Call {
  const { chance, made } = faults;
  let dead = false;
  return async (call) => {
    if (chance.hits(0.5)) await new Promise((resolve) => setImmediate(resolve));
    if (dead) throw new Crash();
    const crash = faults.on && chance.hits(CRASHES);
    if (crash) {
      made.crashes += 1;
      dead = true;
      if (chance.hits(0.5)) throw new Crash();
    }
    const result = await call();
    if (dead) throw new Crash();
    if (!faults.on || !chance.hits(LOST_RESPONSES)) return result;
    made.lostResponses += 1;
    return call();
  };
}

export function faultyItems(items: Items, once: Call): Items {
  return {
    get: (key, options) => once(() => items.get(key, options)),
    put: (item, options) => once(() => items.put(item, options)),
    update: (key, update, options) => once(() => items.update(key, update, options)),
    delete: (key, options) => once(() => items.delete(key, options)),
    query: (query) => once(() => items.query(query)),
  };
}
