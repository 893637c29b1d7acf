import type { Printed, Statement } from "./print-block.ts";
import { within, type Label, type Line, type Place, type Type, type Variable } from "./place.ts";

const SPEND: Line = { spend: 1 };

function looping(statement: Statement): { readonly label: Label; readonly prefix: string; readonly inside: Place } {
  const { place, names } = statement;
  const name = statement.pick(29) % 4 === 3 ? names.fresh("loop") : "";
  const label: Label = { name, isLoop: true, kind: "loop" };
  const inside = { ...place, isInLoop: true, labels: [...place.labels, label] };
  return { label, prefix: name === "" ? "" : `${name}: `, inside };
}

const ELEMENTS: readonly (readonly [list: Type, element: Type])[] = [
  ["numbers", "number"],
  ["texts", "text"],
  ["boxes", "box"],
];

export function printForOf(statement: Statement): Printed {
  const { expressions, place, names } = statement;
  const { prefix, inside } = looping(statement);
  const variable = (type: Type, word: string): Variable => ({
    name: names.fresh(word),
    type,
    depth: place.depth,
    isMutable: false,
  });
  const [list, element] = statement.choose(ELEMENTS);
  const one = variable(element, "one");
  const [id, size] = [variable("text", "id"), variable("number", "size")];
  const [key, value] = [variable("text", "key"), variable("number", "value")];
  const heads: readonly (readonly [head: string, declares: readonly Variable[]])[] = [
    [`${one.name} of ${expressions.print(list, statement.value())}`, [one]],
    [`{ id: ${id.name}, size: ${size.name} } of ${expressions.print("boxes", statement.value())}`, [id, size]],
    [`[${key.name}, ${value.name}] of Object.entries(${expressions.print("counts", statement.value())})`, [key, value]],
  ];
  const [head, declares] = heads[[0, 0, 0, 1, 2][statement.pick(7) % 5] ?? 0] ?? ["", []];
  const body = statement.block(0, within(inside, declares));
  return { lines: [SPEND, `${prefix}for (const ${head}) {`, SPEND, ...body.lines, "}"] };
}

export function printFor(statement: Statement): Printed {
  const { expressions, place, names } = statement;
  const { prefix, inside } = looping(statement);
  const turn: Variable = { name: names.fresh("turn"), type: "number", depth: place.depth, isMutable: false };
  const list = expressions.variable("numbers", statement.pick(3)) ?? "[1, 2]";
  const limit = statement.choose(["2", "3", "1", `${list}.length`], 5);
  const step = statement.choose([`${turn.name} += 1`, `${turn.name}++`, `${turn.name} += 2`], 11);
  const body = statement.block(0, within(inside, [turn])).lines;
  const head = `let ${turn.name} = 0; ${turn.name} < ${limit}; ${step}`;
  return { lines: [SPEND, `${prefix}for (${head}) {`, SPEND, ...body, "}"] };
}

export function printWhile(statement: Statement): Printed {
  const { expressions, place, names } = statement;
  const { prefix, inside } = looping(statement);
  const turn: Variable = { name: names.fresh("turn"), type: "number", depth: place.depth, isMutable: false };
  const condition = expressions.print("flag", statement.value());
  const body = statement.block(0, within(inside, [turn])).lines;
  const count = `  ${turn.name} += 1;`;
  const begin = `let ${turn.name} = 0;`;
  const forms: readonly (readonly Line[])[] = [
    [`${prefix}while (${turn.name} < 3 && ${condition}) {`, SPEND, count, ...body, "}"],
    [`${prefix}do {`, SPEND, count, ...body, `} while (${turn.name} < 2 && ${condition});`],
    [`${prefix}while (true) {`, SPEND, SPEND, count, `  if (${turn.name} > 2) break;`, ...body, "}"],
  ];
  return { lines: [SPEND, begin, ...statement.choose(forms, 5)], declares: [turn] };
}
