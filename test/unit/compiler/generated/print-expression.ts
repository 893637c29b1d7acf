import type { Names } from "./names.ts";
import { ofType, within, type Place, type Type, type Variable } from "./place.ts";
import type { ExpressionSeed } from "./seeds.ts";

const LEAF: ExpressionSeed = { pick: 0, parts: [] };

export const TEXTS = ["", "a", "b", "x y", 'say "a"', "{% 1 %}", "${n}", "back\\slash", "é"];
export const LEVELS = ["low", "mid", "high"];

/** Prints an expression of a type, so that it may stand anywhere. */
export class Expressions {
  readonly #names: Names;
  readonly #place: Place;

  constructor(names: Names, place: Place) {
    this.#names = names;
    this.#place = place;
  }

  print(type: Type, seed: ExpressionSeed = LEAF): string {
    if (seed.parts.length === 0) return this.#leaf(type, seed.pick);
    const forms = FORMS[type];
    return forms[seed.pick % forms.length]?.(new Parts(this, seed), this) ?? "";
  }

  /** A variable whose value TypeScript does not know, to be compared with a literal; it does from then on. */
  unknown(type: Type, pick: number): string | undefined {
    const candidates = ofType(this.#place, type).filter(({ isKnown }) => isKnown !== true);
    const variable = candidates[pick % candidates.length];
    if (variable !== undefined) variable.isKnown = true;
    return variable?.name;
  }

  variable(type: Type, pick: number): string | undefined {
    const variables = ofType(this.#place, type);
    return variables[pick % variables.length]?.name;
  }

  #leaf(type: Type, pick: number): string {
    const variables = ofType(this.#place, type);
    const literals = LITERALS[type];
    const all = [...variables, ...variables].map(forgotten).concat(literals);
    return all[pick % all.length] ?? "";
  }

  /** `(one) => …` over elements of a type. */
  lambda(of: Type, to: Type, seed: ExpressionSeed, hasIndex = false): string {
    const { depth } = this.#place;
    // TypeScript infers from a test what the elements of a filtered list are.
    const one: Variable = { name: this.#names.fresh("one"), type: of, depth, isMutable: false, isKnown: true };
    const at: Variable = { name: this.#names.fresh("at"), type: "number", depth, isMutable: false };
    const inside = new Expressions(this.#names, within(this.#place, hasIndex ? [one, at] : [one]));
    const value = inside.print(to, seed);
    return `(${one.name}${hasIndex ? `, ${at.name}` : ""}) => ${value.startsWith("{") ? `(${value})` : value}`;
  }

  fresh(word: string): string {
    return this.#names.fresh(word);
  }
}

/** A variable of whose value TypeScript knows no more than its type. */
function forgotten({ name, type, isKnown }: Variable): string {
  if (isKnown !== true) return name;
  return type === "level" ? `asLevel(${name})` : type === "text" ? `(${name} + "")` : name;
}

/** The parts of one expression; those that its seed does not have are the simplest. */
class Parts {
  readonly #expressions: Expressions;
  readonly #seed: ExpressionSeed;

  constructor(expressions: Expressions, seed: ExpressionSeed) {
    this.#expressions = expressions;
    this.#seed = seed;
  }

  get pick(): number {
    return Math.floor(this.#seed.pick / 40);
  }

  get(type: Type, at = 0): string {
    return this.#expressions.print(type, this.#seed.parts[at]);
  }

  seed(at: number): ExpressionSeed {
    return this.#seed.parts[at] ?? LEAF;
  }

  literal<T>(values: readonly T[]): T {
    return values[this.pick % values.length] as T;
  }
}

const LITERALS: { readonly [type in Type]: readonly string[] } = {
  number: ["0", "1", "2", "7", "-3"],
  text: TEXTS.map((text) => JSON.stringify(text)),
  flag: ["asFlag(false)", "asFlag(true)"],
  level: LEVELS.map((level) => `asLevel("${level}")`),
  maybe: ["asMaybe(null)", "asMaybe(4)"],
  numbers: ["[1]", "[3, 1, 2]", "[-1, 5]"],
  texts: ['["a"]', '["b", "", "a"]'],
  box: ['{ id: "i", size: 1, tags: ["t"], note: null }'],
  boxes: ["[box]", "[box, box]"],
  counts: ["{ a: 1 }", '{ b: 2, "x y": -1 }'],
};

type Form = (parts: Parts, all: Expressions) => string;

const FORMS: { readonly [type in Type]: readonly Form[] } = {
  number: [
    (of) => `(${of.get("number")} + ${of.get("number", 1)})`,
    (of) => `(${of.get("number")} - ${of.get("number", 1)})`,
    (of) => `(${of.get("number")} * ${of.literal([2, 3, -1])})`,
    (of) => `(${of.get("number")} % ${of.literal([2, 3, 5, -4])})`,
    (of) => `Math.floor(${of.get("number")} / ${of.literal([2, 3, -2])})`,
    (of) => `Math.max(${of.get("number")}, ${of.get("number", 1)})`,
    (of) => `Math.min(${of.get("number")}, ${of.get("number", 1)}, 9)`,
    (of) => `Math.max(0, ...${of.get("numbers")})`,
    (of) => `Math.abs(${of.get("number")})`,
    (of) => `sign(${of.get("number")})`,
    (of) => `(${of.get("flag")} ? ${of.get("number", 1)} : ${of.get("number", 2)})`,
    (of) => `${of.get("numbers")}.length`,
    (of) => `${of.get("boxes")}.length`,
    (of) => `(${of.get("maybe")} ?? ${of.get("number", 1)})`,
    (of) => `(${of.get("numbers")}[${of.literal([0, 1, 2])}] ?? ${of.get("number", 1)})`,
    (of) => `(${of.get("numbers")}.at(-1) ?? ${of.get("number", 1)})`,
    (of, all) => `(${of.get("numbers")}.find(${all.lambda("number", "flag", of.seed(1))}) ?? -9)`,
    (of, all) => `${of.get("numbers")}.findIndex(${all.lambda("number", "flag", of.seed(1))})`,
    (of) => `${of.get("numbers")}.indexOf(${of.get("number", 1)})`,
    (of, all) => {
      const [sum, one] = [all.fresh("sum"), all.fresh("one")];
      return `${of.get("numbers")}.reduce((${sum}, ${one}) => ${sum} + ${one}, ${of.get("number", 1)})`;
    },
    (of) => `${of.get("box")}.size`,
    (of) => `(${of.get("boxes")}[0]?.size ?? ${of.get("number", 1)})`,
    (of, all) => {
      const counts = all.variable("counts", of.pick) ?? "emptyCounts()";
      return `(${counts}["${of.literal(["a", "b", "x y"])}"] ?? ${of.get("number", 1)})`;
    },
    (of) => `countOf(${of.get("counts")}, ${of.get("text", 1)})`,
    (of) => `Object.keys(${of.get("counts")}).length`,
    (of) => `Number(${of.get("flag")})`,
  ],
  text: [
    (of) => `\`\${${of.get("text")}}/\${${of.get("number", 1)}}\``,
    (of) => `(${of.get("text")} + ${of.get("text", 1)})`,
    (of) => `String(${of.get("number")})`,
    (of) => `(${of.get("flag")} ? ${of.get("text", 1)} : ${of.get("text", 2)})`,
    (of) => `${of.get("texts")}.join("${of.literal([", ", "", "/"])}")`,
    (of) => `${of.get("box")}.id`,
    (of) => `(${of.get("boxes")}.at(-1)?.id ?? ${of.get("text", 1)})`,
    (of) => `(${of.get("texts")}[${of.literal([0, 1])}] ?? ${of.get("text", 1)})`,
    (of) => `\`\${${of.get("level")}}\``,
    (of) => `${of.get("text")}.toUpperCase()`,
    (of) => `${of.get("text")}.replaceAll("${of.literal(["a", "x", "/"])}", "${of.literal(["-", "", "aa"])}")`,
    (of) => `String(Math.abs(${of.get("number")})).padStart(3, "0")`,
    (of) => `Object.keys(${of.get("counts")}).toSorted().join(" ")`,
    (of) => `\`is \${${of.get("flag")}}\``,
    (of, all) => {
      const [text, one] = [all.fresh("text"), all.fresh("one")];
      return `${of.get("texts")}.reduce((${text}, ${one}) => \`\${${text}}<\${${one}}>\`, ${of.get("text", 1)})`;
    },
  ],
  flag: [
    (of) => `(${of.get("number")} ${of.literal(["<", ">", "<=", ">="])} ${of.get("number", 1)})`,
    (of) => `((${of.get("number")} + 0) ${of.literal(["===", "!=="])} ${of.get("number", 1)})`,
    (of) => `((${of.get("text")} + "") ${of.literal(["===", "!=="])} ${of.get("text", 1)})`,
    (of) => `!${of.get("flag")}`,
    (of) => `(${of.get("flag")} && ${of.get("flag", 1)})`,
    (of) => `(${of.get("flag")} || ${of.get("flag", 1)})`,
    (of) => `${of.get("numbers")}.includes(${of.get("number", 1)})`,
    (of) => `${of.get("texts")}.includes(${of.get("text", 1)})`,
    (of) => `${of.get("text")}.${of.literal(["includes", "startsWith"])}(${of.get("text", 1)})`,
    (of, all) => `${of.get("numbers")}.${of.literal(["some", "every"])}(${all.lambda("number", "flag", of.seed(1))})`,
    (of, all) => `${of.get("boxes")}.some(${all.lambda("box", "flag", of.seed(1))})`,
    (of) => `(${of.get("maybe")} ${of.literal(["=== null", "!== null", "== null"])})`,
    (of) => `(${of.get("numbers")}.length > ${of.literal([0, 1])})`,
    (of) => `(${of.get("box")}.note === null)`,
    (of) => `Object.hasOwn(${of.get("counts")}, "${of.literal(["a", "x y", "c"])}")`,
    (of, all) => {
      const name = all.unknown("level", of.pick);
      return name === undefined ? of.get("flag") : `(${name} === "${of.literal(LEVELS)}")`;
    },
    (of, all) => {
      const name = all.unknown("text", of.pick);
      return name === undefined ? of.get("flag") : `(${name} === ${JSON.stringify(of.literal(TEXTS))})`;
    },
  ],
  level: [
    (of) => `(${of.get("flag")} ? ${of.get("level", 1)} : ${of.get("level", 2)})`,
    (of) => `asLevel(${of.get("level")})`,
  ],
  maybe: [
    (of) => `(${of.get("flag")} ? ${of.get("maybe", 1)} : ${of.get("maybe", 2)})`,
    (of) => `${of.get("box")}.note`,
    (of) => `asMaybe(${of.get("boxes")}[0]?.note ?? null)`,
    (of, all) => `asMaybe(${of.get("numbers")}.find(${all.lambda("number", "flag", of.seed(1))}) ?? null)`,
    (of) => `asMaybe(${of.get("number")})`,
  ],
  numbers: [
    (of) => `[...${of.get("numbers")}, ${of.get("number", 1)}]`,
    (of) => `[${of.get("number")}, ${of.get("number", 1)}]`,
    (of, all) => `${of.get("numbers")}.map(${all.lambda("number", "number", of.seed(1))})`,
    (of, all) => `${of.get("numbers")}.map(${all.lambda("number", "number", of.seed(1), true)})`,
    (of, all) => `${of.get("numbers")}.filter(${all.lambda("number", "flag", of.seed(1))})`,
    (of) => `${of.get("numbers")}.slice(${of.literal(["1", "0, 2", "-1"])})`,
    (of) => `${of.get("numbers")}.concat(${of.get("numbers", 1)})`,
    (of) => `${of.get("numbers")}.toSorted((left, right) => left - right)`,
    (of) => `${of.get("numbers")}.toReversed()`,
    (of) => `Object.values(${of.get("counts")})`,
    (of, all) => `${of.get("boxes")}.map(${all.lambda("box", "number", of.seed(1))})`,
    (of) => `[${of.get("numbers")}, ${of.get("numbers", 1)}].flat()`,
    (of) => `(${of.get("flag")} ? ${of.get("numbers", 1)} : ${of.get("numbers", 2)})`,
  ],
  texts: [
    (of) => `[...${of.get("texts")}, ${of.get("text", 1)}]`,
    (of, all) => `${of.get("numbers")}.map(${all.lambda("number", "text", of.seed(1))})`,
    (of, all) => `${of.get("texts")}.map(${all.lambda("text", "text", of.seed(1), true)})`,
    (of, all) => `${of.get("texts")}.filter(${all.lambda("text", "flag", of.seed(1))})`,
    (of) => `${of.get("texts")}.slice(${of.literal(["1", "0, 1", "-2"])})`,
    (of) => `Object.keys(${of.get("counts")}).toSorted()`,
    (of) => `${of.get("text")}.split("${of.literal(["/", " ", "a"])}")`,
    (of) => `${of.get("box")}.tags`,
    (of, all) => `${of.get("boxes")}.flatMap(${all.lambda("box", "texts", of.seed(1))})`,
    (of) => `(${of.get("flag")} ? ${of.get("texts", 1)} : ${of.get("texts", 2)})`,
  ],
  box: [
    (of) => `{ ...${of.get("box")}, size: ${of.get("number", 1)} }`,
    (of) =>
      `{ id: ${of.get("text")}, size: ${of.get("number", 1)}, tags: ${of.get("texts", 2)}, note: ${of.get("maybe", 1)} }`,
    (of) => `(${of.get("boxes")}[0] ?? ${of.get("box", 1)})`,
    (of, all) => `(${of.get("boxes")}.find(${all.lambda("box", "flag", of.seed(1))}) ?? box)`,
    (of) => `(${of.get("flag")} ? ${of.get("box", 1)} : ${of.get("box", 2)})`,
  ],
  boxes: [
    (of) => `[${of.get("box")}, ${of.get("box", 1)}]`,
    (of) => `[...${of.get("boxes")}, ${of.get("box", 1)}]`,
    (of, all) => `${of.get("boxes")}.map(${all.lambda("box", "box", of.seed(1))})`,
    (of, all) => `${of.get("boxes")}.filter(${all.lambda("box", "flag", of.seed(1))})`,
    (of) => `${of.get("boxes")}.slice(${of.literal(["1", "-1"])})`,
    (of) => `${of.get("boxes")}.toSorted((left, right) => left.size - right.size)`,
  ],
  counts: [
    (of) => `{ ...${of.get("counts")}, a: ${of.get("number", 1)} }`,
    (of) => `{ a: ${of.get("number")}, c: ${of.get("number", 1)} }`,
    (of, all) => {
      const [key, value] = [all.fresh("key"), all.fresh("value")];
      return `Object.fromEntries(Object.entries(${of.get("counts")}).map(([${key}, ${value}]): [string, number] => [${key}, ${value} + ${of.get("number", 1)}]))`;
    },
    (of) => `(${of.get("flag")} ? ${of.get("counts", 1)} : ${of.get("counts", 2)})`,
  ],
};
