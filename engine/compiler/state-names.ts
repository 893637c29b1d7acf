const LONGEST = 80;

/** Names of states: the source's own words, each once in a machine. */
export class StateNames {
  readonly #taken = new Set<string>();

  /** The role in printable ASCII without `$`, cut to 80 characters; a second one of the same role ends in ` 2`. */
  fresh(role: string): string {
    const printable = role
      .replaceAll("…", "...")
      .replace(/[`$]/g, "")
      .replaceAll('"', "'")
      .replace(/[^\x20-\x7e]+/g, "?")
      .trim();
    const base = printable === "" ? "state" : printable;
    let name = base.slice(0, LONGEST).trimEnd();
    for (let count = 2; this.#taken.has(name); count++) name = `${base.slice(0, LONGEST - 5).trimEnd()} ${count}`;
    this.#taken.add(name);
    return name;
  }
}
