import type { Printed, Statement } from "./print-block.ts";
import { callOf, shown } from "./print-call.ts";
import { Expressions } from "./print-expression.ts";
import { within, type Failures, type Line, type Place, type Type, type Variable } from "./place.ts";

const SPEND: Line = { spend: 1 };

/** In a helper, of calls that have no order although that of the helper has one. */
const BESIDE = "-1 - site";

/** What goes on side by side: out of it one kind of error may come, or none. */
function sideBySide(statement: Statement, isCollected: boolean): Place {
  const { place, names } = statement;
  const isNested = place.region !== "";
  const kinds: readonly Failures[] = ["none", "Declined", "Busy"];
  const wanted = isCollected || isNested || place.site !== undefined ? "none" : statement.choose(kinds, 31);
  const failures = place.failures === "any" || place.failures === wanted ? wanted : "none";
  const region = isNested ? place.region : names.region(failures !== "none");
  const inner: Failures = isCollected ? "any" : failures;
  const site = place.site === undefined ? {} : { site: BESIDE };
  return { ...callback(place), ...site, region, failures: inner, canLog: place.canLog && failures === "none" };
}

function callback(place: Place): Place {
  return { ...place, depth: place.depth + 1, labels: [], holdsLock: true };
}

/** The body of a callback: a block and what it gives. */
function bodyOf(statement: Statement, at: number, place: Place, returns: Type): Line[] {
  const inside: Place = { ...place, returns };
  const block = statement.block(at, inside);
  if (block.ends === true) return [...block.lines];
  const result = new Expressions(statement.names, within(inside, block.declares ?? [])).print(
    returns,
    statement.value(2),
  );
  return [...block.lines, SPEND, `  return ${result};`];
}

export function printTuple(statement: Statement): Printed {
  const place = sideBySide(statement, false);
  const inside = statement.at(place);
  const first = callOf(inside, 3);
  const second = callOf(inside, 37, statement.value(1));
  const [one, two] = [statement.declare({ type: first.type }), statement.declare({ type: second.type })];
  const three = statement.declare({ type: "number" });
  const body = bodyOf(statement, 0, place, "number");
  return {
    lines: [
      SPEND,
      SPEND,
      SPEND,
      `const [${one.name}, ${two.name}, ${three.name}] = await Promise.all([`,
      `  ${first.text},`,
      `  ${second.text},`,
      "  (async (): Promise<number> => {",
      ...body.map((line) => (typeof line === "string" ? `  ${line}` : line)),
      "  })(),",
      "]);",
    ],
    declares: [one, two, three],
  };
}

interface Turns {
  readonly list: string;
  readonly head: string;
  readonly body: readonly Line[];
}

/** A callback over the elements of some list. */
function turns(statement: Statement, place: Place, returns: Type): Turns {
  const { expressions, names } = statement;
  const [list, type] = statement.choose([["numbers", "number"] as const, ["boxes", "box"] as const], 3);
  const element = (word: string, of: Type): Variable => ({
    name: names.fresh(word),
    type: of,
    depth: place.depth,
    isMutable: false,
  });
  const [one, at] = [element("one", type), element("at", "number")];
  return {
    list: expressions.print(list, statement.value()),
    head: `async (${one.name}, ${at.name}) => {`,
    body: [SPEND, ...bodyOf(statement, 0, within({ ...place, isInLoop: false }, [one, at]), returns)],
  };
}

export function printMap(statement: Statement): Printed {
  const inOrder = statement.pick(41) % 3 === 2;
  const place = inOrder ? callback(statement.place) : sideBySide(statement, false);
  const { list, head, body } = turns(statement, place, "number");
  const declared = statement.declare({ type: "numbers" });
  const numbers = statement.expressions.print("numbers", statement.value());
  const forms: readonly (readonly [string, string])[] = inOrder
    ? [
        [`mapAll(${list}, ${head}`, "}, { concurrency: 1 });"],
        [`batch(${list}, ${head}`, '}, { maxConcurrency: 1, onError: "fail" });'],
      ]
    : [
        [`Promise.all(${list}.map(${head}`, "}));"],
        [`mapAll(${list}, ${head}`, "}, { concurrency: 2 });"],
        [`batch(${list}, ${head}`, '}, { maxConcurrency: 3, onError: "fail" });'],
        [`batch(${list}, ${head}`, '}, { maxConcurrency: 50, onError: "fail" });'],
      ];
  const [begin, end] = statement.choose(forms, 43);
  const lines =
    !inOrder && statement.pick(47) % 4 === 3
      ? [{ spend: `1 + ${numbers}.length` }, `const ${declared.name} = await Promise.all(${numbers}.map(triple));`]
      : [SPEND, `const ${declared.name} = await ${begin}`, ...body, end];
  return { lines, declares: [declared] };
}

export function printBatch(statement: Statement): Printed {
  const inOrder = statement.pick(41) % 3 === 2;
  const place = inOrder ? { ...callback(statement.place), failures: "any" as const } : sideBySide(statement, true);
  const { list, head, body } = turns(statement, place, "number");
  const declared = statement.declare({ type: "texts" });
  const outcomes = statement.names.fresh("outcomes");
  const outcome = statement.names.fresh("outcome");
  const text = `${outcome}.status === "ok" ? \`ok \${${outcome}.value}\` : \`\${${outcome}.error.name}: \${${outcome}.error.message}\``;
  return {
    lines: [
      SPEND,
      `const ${outcomes} = await batch(${list}, ${head}`,
      SPEND,
      ...body,
      `}, { maxConcurrency: ${inOrder ? 1 : statement.choose([2, 50], 59)}, onError: "collect" });`,
      `const ${declared.name} = ${outcomes}.map((${outcome}) => (${text}));`,
    ],
    declares: [declared],
  };
}

export function printSettled(statement: Statement): Printed {
  const place = sideBySide(statement, true);
  const inside = statement.at(place);
  const first = callOf(inside, 3, statement.value(), true);
  const second = callOf(inside, 37, statement.value(1));
  const [one, two] = [statement.names.fresh("settled"), statement.names.fresh("settled")];
  const text = statement.declare({ type: "text" });
  const { list, head, body } = turns(statement, place, "number");
  const declared = statement.declare({ type: "texts" });
  if (statement.pick(53) % 2 === 0) {
    const value = shown(`${one}.value`, first.type);
    return {
      lines: [
        ...[SPEND, SPEND, SPEND, SPEND, SPEND],
        `const [${one}, ${two}] = await Promise.allSettled([${first.text}, ${second.text}]);`,
        `const ${text.name} = ${one}.status === "fulfilled" ? \`\${${value}}\` : ${two}.status;`,
      ],
      declares: [text],
    };
  }
  return {
    lines: [
      SPEND,
      `const ${one} = await Promise.allSettled(${list}.map(${head}`,
      SPEND,
      ...body,
      "}));",
      `const ${declared.name} = ${one}.map((${two}) => (${two}.status === "fulfilled" ? \`\${${two}.value}\` : ${two}.status));`,
    ],
    declares: [declared],
  };
}
