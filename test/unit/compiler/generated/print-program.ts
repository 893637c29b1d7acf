import { Names } from "./names.ts";
import { printBlock } from "./print-block.ts";
import { Expressions } from "./print-expression.ts";
import { everything } from "./print-return.ts";
import { within, WRITTEN, type Failures, type Line, type Place, type Type, type Variable } from "./place.ts";
import type { BlockSeed, ProgramSeed } from "./seeds.ts";

export interface Program {
  /** The module, as the compiler reads it: it exports the flow `program`. */
  readonly source: string;
  /** The same without its imports, which tells `spend` what the table of constructs asks for what it does. */
  readonly priced: string;
  /** The region of each call, by its number; "" where calls have an order. */
  readonly regions: readonly string[];
  /** Regions that an error may leave while others of their calls go on. */
  readonly failing: ReadonlySet<string>;
}

const HEAD = `import { acquireLock, addTags, batch, log, mapAll, sleep } from "millrace";
import { asFlag, asLevel, asMaybe, countOf, emptyCounts, orElse, otherFlow, sign, twice } from "../fakes/helpers.ts";
import { type Box, Busy, Declined, type Input, type Level, OutOfStock } from "../fakes/models.ts";
import { count, double, echo, flaky, grade, half, list, note, pack, positive, triple, words } from "../fakes/tasks.ts";
`;

const PARAMETERS: readonly (readonly [name: string, type: Type])[] = [
  ["n", "number"],
  ["s", "text"],
  ["flag", "flag"],
  ["level", "level"],
  ["ns", "numbers"],
  ["ss", "texts"],
  ["box", "box"],
  ["boxes", "boxes"],
  ["maybe", "maybe"],
  ["counts", "counts"],
];

const BEGIN = `export async function program({ ${PARAMETERS.map(([name]) => name).join(", ")} }: Input): Promise<unknown>`;

const variable = ([name, type]: readonly [name: string, type: Type]): Variable => ({
  name,
  type,
  depth: 0,
  isMutable: false,
});

/** Of each program anew: what TypeScript knows of a variable is noted with it. */
const flow = (): Place => ({
  variables: PARAMETERS.map(variable),
  depth: 0,
  isInLoop: false,
  labels: [],
  region: "",
  failures: "any",
  holdsLock: false,
  canLog: true,
  returns: "everything",
});

export function printProgram(seed: ProgramSeed): Program {
  const names = new Names();
  const helpers = seed.helpers.map((body, index) => printHelper(names, body, index));
  const place = flow();
  const body = printBlock(names, place, seed.body);
  const end = body.ends === true ? [] : [{ spend: 1 }, `  return ${everything(within(place, body.declares ?? []))};`];
  const lines = [...helpers.flat(), "", `${BEGIN} {`, { spend: 1 }, ...body.lines, ...end, "}"];
  const { regions, failing } = names;
  return { source: HEAD + written(lines, false), priced: written(lines, true), regions, failing };
}

/** A program that somebody wrote: what stands in the flow, whose calls all have an order and which costs what it likes. */
export function programOf(body: string): Program {
  const [source, priced] = [`${BEGIN} {\n${body}\n}\n`, `${BEGIN} {\nspend(Infinity);\n${body}\n}\n`];
  return { source: HEAD + source, priced, regions: [], failing: new Set() };
}

function written(lines: readonly Line[], isPriced: boolean): string {
  const texts = lines.flatMap((line) => {
    if (typeof line === "string") return [line];
    return isPriced ? [`spend(${line.spend});`] : [];
  });
  return `${texts.join("\n")}\n`;
}

/** A function of the program's own, whose body stands in the flow wherever it is called. */
function printHelper(names: Names, body: BlockSeed, index: number): Line[] {
  const returns: Type = index === 0 ? "number" : "text";
  const failures: Failures = index === 0 ? "none" : "any";
  const given: Variable[] = [variable(["size", "number"]), variable(["all", "texts"]), variable(["box", "box"])];
  const place: Place = { ...flow(), variables: given, failures, canLog: false, returns, site: "site" };
  const printed = printBlock(names, place, body);
  const value = new Expressions(names, within(place, printed.declares ?? [])).print(returns, body[0]?.values[0]);
  const name = names.helper(returns, failures);
  const head = `site: number, size: number, all: string[], box: Box`;
  return [
    `async function ${name}(${head}): Promise<${WRITTEN[returns]}> {`,
    ...printed.lines,
    ...(printed.ends === true ? [] : [{ spend: 1 }, `  return ${value};`]),
    "}",
  ];
}
