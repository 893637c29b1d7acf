import { indented, type Printed, type Statement } from "./print-block.ts";
import { thrown } from "./print-error.ts";
import { LEVELS, TEXTS } from "./print-expression.ts";
import type { Line, Place } from "./place.ts";
import { printReturn } from "./print-return.ts";

const SPEND: Line = { spend: 1 };

export function printBranches(statement: Statement): Printed {
  const { expressions, place } = statement;
  const condition = expressions.print("flag", statement.value());
  const second = expressions.print("flag", statement.value(1));
  const then = statement.block(0, place);
  const lines: Line[] = [SPEND, `if (${condition}) {`, ...then.lines];
  if (then.ends !== true) lines.push(...jump(statement));
  if (statement.pick(5) % 3 === 2) {
    lines.push(SPEND, `} else if (${second}) {`, ...statement.block(2, place).lines);
  }
  if (statement.hasBlock(1)) lines.push("} else {", ...statement.block(1, place).lines);
  return { lines: ordered([...lines, "}"]) };
}

/** What is spent on an `else if` is spent before the whole. */
function ordered(lines: readonly Line[]): Line[] {
  const at = lines.findIndex((line, index) => index > 0 && typeof line === "string" && line.startsWith("} else if"));
  if (at < 0) return [...lines];
  return [SPEND, ...lines.slice(0, at - 1), ...lines.slice(at)];
}

/** How a branch leaves what is around it, where it does. */
export function jump(statement: Statement): Line[] {
  const { place } = statement;
  const inner = place.labels.at(-1);
  const named = place.labels.filter(({ name }) => name !== "");
  const loops = place.labels.filter(({ isLoop }) => isLoop);
  const error = thrown(statement);
  const ways: (Line[] | undefined)[] = [
    [],
    [],
    printReturn(statement, 2),
    inner && inner.kind !== "block" ? ["break;"] : undefined,
    loops.length > 0 ? ["continue;"] : undefined,
    named[0] && [`break ${named[0].name};`],
    ...named.filter(({ isLoop }) => isLoop).map(({ name }) => [`continue ${name};`]),
    error === undefined ? undefined : [error],
  ];
  return indented(
    statement.choose(
      ways.filter((way) => way !== undefined),
      19,
    ),
  );
}

export function printSwitch(statement: Statement): Printed {
  const { expressions } = statement;
  const level = expressions.unknown("level", statement.pick(3));
  const text = expressions.unknown("text", statement.pick(3));
  const quoted = (all: readonly string[]): string[] => all.map((one) => JSON.stringify(one));
  const ways: (readonly [subject: string, cases: readonly string[]])[] = [
    [`${expressions.print("number", statement.value())} % 3`, ["0", "1", "2", "-1"]],
  ];
  if (level !== undefined) ways.push([level, quoted(LEVELS)]);
  if (text !== undefined) ways.push([text, quoted(TEXTS.slice(0, 4))]);
  const [subject, cases] = statement.choose(ways, 2);
  const place = inSwitch(statement.place);
  const last = statement.choose(["break", "fall", "return"], 7);
  const clauses = cases.slice(0, 2 + (statement.pick(11) % 2));
  const lines: Line[] = clauses.flatMap((value, at) => {
    if (at === 1 && statement.pick(13) % 2 === 1) return [`  case ${value}:`];
    const way = at === 0 ? last : at === 1 && statement.pick(17) % 3 === 2 ? "fall" : "break";
    const leave = way === "return" ? printReturn(statement, 4) : way === "break" ? ["break;"] : [];
    return [
      `  case ${value}: {`,
      ...indented(statement.block(at % 3, place).lines),
      ...indented(indented(leave)),
      "  }",
    ];
  });
  const otherwise =
    statement.pick(23) % 2 === 0 ? ["  default: {", ...indented(statement.block(2, place).lines), "  }"] : [];
  return { lines: [SPEND, `switch (${subject}) {`, ...lines, ...otherwise, "}"] };
}

function inSwitch(place: Place): Place {
  return { ...place, labels: [...place.labels, { name: "", isLoop: false, kind: "switch" }] };
}

export function printLabelled(statement: Statement): Printed {
  const { place, names, expressions } = statement;
  const name = names.fresh("part");
  const inside: Place = { ...place, labels: [...place.labels, { name, isLoop: false, kind: "block" }] };
  const condition = expressions.print("flag", statement.value());
  const before = statement.block(0, inside).lines;
  const after = statement.block(1, inside).lines;
  return { lines: [`${name}: {`, ...before, SPEND, `  if (${condition}) break ${name};`, ...after, "}"] };
}
