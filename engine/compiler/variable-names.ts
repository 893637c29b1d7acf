/** Functions of JSONata and of Step Functions: a variable of that name would hide the function. */
export const BUILTINS: ReadonlySet<string> = new Set(
  `abs append assert average base64decode base64encode boolean ceil contains count decodeUrl decodeUrlComponent
  distinct each encodeUrl encodeUrlComponent error eval exists filter floor formatBase formatInteger formatNumber
  fromMillis hash join keys length lookup lowercase map match max merge millis min not now number pad parse
  parseInteger partition power random range reduce replace reverse round shuffle sift single sort split spread sqrt
  string substring substringAfter substringBefore sum toMillis trim type typeOf uppercase uuid zip`.split(/\s+/),
);

/** What the emitted expressions call their own values: a block or a function of theirs would hide a variable. */
const LOCALS = ["cause", "context", "hidden", "part", "parts", "position", "text", "value"];

/** Hands out names of variables, each once in a machine: a Map may not assign a name that is assigned around it. */
export class VariableNames {
  readonly #taken = new Set(LOCALS);

  /** The wish itself where it is free and legal, else the wish with `_`, or with `_2`, `_3`. */
  fresh(wish: string): string {
    const legal =
      wish
        .replace(/[^A-Za-z0-9_]/g, "_")
        .replace(/^_+|^(?=\d)/, "v")
        .slice(0, 70) || "value";
    const base = BUILTINS.has(legal) || legal === "states" ? `${legal}_` : legal;
    let name = base;
    for (let count = 2; this.#taken.has(name); count++) name = `${base.replace(/_$/, "")}_${count}`;
    this.#taken.add(name);
    return name;
  }
}
