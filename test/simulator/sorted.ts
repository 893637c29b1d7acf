/** Texts in order, for partitions of a store: found, added and taken out by binary search. */
export class Sorted {
  readonly #keys: string[] = [];

  get size(): number {
    return this.#keys.length;
  }

  add(key: string): void {
    const at = this.#from(key);
    if (this.#keys[at] !== key) this.#keys.splice(at, 0, key);
  }

  delete(key: string): void {
    const at = this.#from(key);
    if (this.#keys[at] === key) this.#keys.splice(at, 1);
  }

  /** Up to so many from a key on. */
  slice(from: string, count: number): string[] {
    const at = this.#from(from);
    return this.#keys.slice(at, at + count);
  }

  /** Where the key stands, or would stand. */
  #from(key: string): number {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#keys[middle] ?? "") < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
