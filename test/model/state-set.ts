/**
 * Packed states of one width, numbered in the order in which they were found. A state is a row of 16-bit cells, an even
 * number of them; the index from a state to its number is an open-addressing hash table.
 */
export class StateSet {
  readonly width: number;
  count = 0;
  readonly #words: number;
  #rows: Uint32Array;
  #slots: Uint32Array;

  constructor(width: number, expected = 1 << 12) {
    this.width = width;
    this.#words = width / 2;
    this.#rows = new Uint32Array(expected * this.#words);
    this.#slots = new Uint32Array(expected * 2);
  }

  /** The number of a state, given as 32-bit words; a new one has the number that was the count before. */
  add(state: Uint32Array): number {
    if (this.count * 2 >= this.#slots.length) this.#grow();
    const words = this.#words;
    const rows = this.#rows;
    const mask = this.#slots.length - 1;
    let slot = hash(state, 0, words) & mask;
    for (;;) {
      const found = this.#slots[slot] as number;
      if (found === 0) break;
      const at = (found - 1) * words;
      let word = 0;
      while (word < words && rows[at + word] === state[word]) word += 1;
      if (word === words) return found - 1;
      slot = (slot + 1) & mask;
    }
    this.#slots[slot] = this.count + 1;
    rows.set(state, this.count * words);
    return this.count++;
  }

  /** Copies a state out. */
  read(index: number, into: Uint32Array): void {
    const at = index * this.#words;
    for (let word = 0; word < this.#words; word += 1) into[word] = this.#rows[at + word] as number;
  }

  #grow(): void {
    const rows = new Uint32Array(this.#slots.length * this.#words);
    rows.set(this.#rows);
    this.#rows = rows;
    const slots = new Uint32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let index = 0; index < this.count; index += 1) {
      let slot = hash(rows, index * this.#words, this.#words) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = index + 1;
    }
    this.#slots = slots;
  }
}

function hash(words: Uint32Array, at: number, count: number): number {
  let sum = 0;
  for (let word = 0; word < count; word += 1) {
    sum = Math.imul(sum ^ (words[at + word] as number), 0x9e3779b1);
    sum ^= sum >>> 15;
  }
  return Math.imul(sum, 0x85ebca6b) ^ (sum >>> 13);
}
