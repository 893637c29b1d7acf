import type { Failures, Type } from "./place.ts";

/** Some are names of functions of JSONata, or begin like them. */
const WORDS: { readonly [type in Type]: readonly string[] } = {
  number: ["count", "sum", "total", "number"],
  text: ["string", "text", "name", "join"],
  flag: ["isReady", "not", "exists"],
  level: ["rank", "type"],
  maybe: ["found", "max"],
  numbers: ["all", "values", "map"],
  texts: ["keys", "lines", "split"],
  box: ["item", "states", "context"],
  boxes: ["items", "rows"],
  counts: ["table", "merge"],
};

/** A function of the program's own: `await name(site, number, texts, box)`. */
export interface OwnHelper {
  readonly name: string;
  readonly returns: Type;
  readonly failures: Failures;
}

/** What one program has names and numbers for. */
export class Names {
  readonly #taken = new Set<string>(RESERVED);
  /** The region of each call, by its number. */
  readonly regions: string[] = [];
  /** Regions out of which an error may come while others go on. */
  readonly failing = new Set<string>();
  readonly helpers: OwnHelper[] = [];
  #regions = 0;

  fresh(word: string): string {
    for (let number = 1; ; number += 1) {
      const name = number === 1 ? word : `${word}${number}`;
      if (this.#taken.has(name)) continue;
      this.#taken.add(name);
      return name;
    }
  }

  variable(type: Type, pick: number): string {
    const words = WORDS[type];
    return this.fresh(words[pick % words.length] ?? type);
  }

  helper(returns: Type, failures: Failures): string {
    const name = this.fresh("helper");
    this.helpers.push({ name, returns, failures });
    return name;
  }

  site(region: string): number {
    return this.regions.push(region) - 1;
  }

  region(canFail: boolean): string {
    this.#regions += 1;
    const region = `region ${this.#regions}`;
    if (canFail) this.failing.add(region);
    return region;
  }
}

/** What the head of a program imports, and its parameters. */
const RESERVED = [
  ...["n", "s", "flag", "level", "ns", "ss", "box", "boxes", "maybe", "counts"],
  ...["double", "triple", "echo", "positive", "flaky", "half", "pack", "list", "words", "grade", "count", "note"],
  ...["asLevel", "asMaybe", "asFlag", "countOf", "emptyCounts", "sign", "twice", "orElse", "otherFlow"],
  ...["log", "sleep", "batch", "mapAll", "addTags", "acquireLock", "spend", "error", "size", "all", "site", "program"],
];
