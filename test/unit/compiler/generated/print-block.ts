import { printCall, printHelperCall } from "./print-call.ts";
import { printAssignment, printConstant, printDestructuring, printVariable } from "./print-declaration.ts";
import { printThrow, printTry } from "./print-error.ts";
import { printBranches, printLabelled, printSwitch } from "./print-branch.ts";
import { printBatch, printMap, printSettled, printTuple } from "./print-join.ts";
import { printForOf, printFor, printWhile } from "./print-loop.ts";
import { printLock, printLog, printSleep, printTags } from "./print-effect.ts";
import { Expressions } from "./print-expression.ts";
import type { Names } from "./names.ts";
import { within, type Line, type Place, type Variable } from "./place.ts";
import type { BlockSeed, ExpressionSeed, StatementSeed } from "./seeds.ts";

export interface Printed {
  readonly lines: readonly Line[];
  /** What statements after it may read. */
  readonly declares?: readonly Variable[];
  /** Nothing after it can be reached. */
  readonly ends?: boolean;
}

/** One statement to be printed, where it stands. */
export class Statement {
  readonly names: Names;
  readonly place: Place;
  readonly #seed: StatementSeed;

  constructor(names: Names, place: Place, seed: StatementSeed) {
    this.names = names;
    this.place = place;
    this.#seed = seed;
  }

  /** A number of its own for each choice. */
  pick(salt = 1): number {
    return Math.floor(this.#seed.pick / 16 / salt);
  }

  choose<T>(values: readonly T[], salt = 1): T {
    return values[this.pick(salt) % values.length] as T;
  }

  get expressions(): Expressions {
    return new Expressions(this.names, this.place);
  }

  value(at = 0): ExpressionSeed {
    return this.#seed.values[at] ?? { pick: 0, parts: [] };
  }

  at(place: Place): Statement {
    return new Statement(this.names, place, this.#seed);
  }

  /** One of its blocks, indented; a call where there is none. */
  block(at: number, place: Place): Printed {
    const seed = this.#seed.blocks[at] ?? [];
    return printBlock(this.names, place, seed.length === 0 ? [CALL] : seed);
  }

  hasBlock(at: number): boolean {
    return (this.#seed.blocks[at]?.length ?? 0) > 0;
  }

  declare(variable: Pick<Variable, "type"> & { readonly isMutable?: boolean }): Variable {
    const name = this.names.variable(variable.type, this.pick(3));
    return { isMutable: false, ...variable, name, depth: this.place.depth };
  }
}

type Kind = (statement: Statement) => Printed | undefined;

/** Simple ones first: a smaller number is a simpler program. Where one has no place here, it is a constant. */
const KINDS: readonly (readonly [weight: number, kind: Kind])[] = [
  [6, printConstant],
  [12, printCall],
  [6, printVariable],
  [9, printAssignment],
  [3, printDestructuring],
  [4, printHelperCall],
  [9, printBranches],
  [5, printSwitch],
  [7, printForOf],
  [4, printFor],
  [5, printWhile],
  [2, printLabelled],
  [7, printTry],
  [1, printThrow],
  [4, printTuple],
  [5, printMap],
  [4, printBatch],
  [3, printSettled],
  [2, printSleep],
  [2, printLog],
  [2, printTags],
  [2, printLock],
];
const WEIGHT = KINDS.reduce((sum, [weight]) => sum + weight, 0);

/** `await double(…)` */
const CALL: StatementSeed = { pick: 6, values: [], blocks: [] };

export function printBlock(names: Names, place: Place, seeds: BlockSeed): Printed {
  const lines: Line[] = [];
  let inside = place;
  for (const seed of seeds) {
    const printed = printStatement(new Statement(names, inside, seed), seed);
    lines.push(...printed.lines);
    if (printed.ends === true) return { lines: indented(lines), ends: true };
    inside = within(inside, printed.declares ?? []);
  }
  return { lines: indented(lines), declares: inside.variables };
}

function printStatement(statement: Statement, seed: StatementSeed): Printed {
  let left = seed.pick % WEIGHT;
  const found = KINDS.find(([weight]) => (left -= weight) < 0);
  return found?.[1](statement) ?? printConstant(statement);
}

export function indented(lines: readonly Line[]): Line[] {
  return lines.map((line) => (typeof line === "string" ? `  ${line}` : line));
}
