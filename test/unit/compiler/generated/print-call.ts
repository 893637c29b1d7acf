import type { Printed, Statement } from "./print-block.ts";
import { WRITTEN, type Failures, type Type } from "./place.ts";
import type { ExpressionSeed } from "./seeds.ts";

/** A call of a task without its `await`, and what it gives. */
export interface Call {
  readonly text: string;
  readonly type: Type;
}

const SPEND = { spend: 1 };

/** A call that may fail in the ways that the place allows. */
export function callOf(statement: Statement, salt: number, seed = statement.value(), mustFail = false): Call {
  const { expressions, names, place } = statement;
  const print = (type: Type): string => expressions.print(type, seed);
  const site = place.site ?? String(names.site(place.region));
  const given = (name: string, type: Type): string => `{ site: ${site}, ${name}: ${print(type)} }`;
  const calls: readonly (() => Call)[] = [
    () => ({ text: `double(${given("n", "number")})`, type: "number" }),
    () => ({ text: `echo(${given("s", "text")})`, type: "text" }),
    () => flaky(statement, site, salt),
    () => ({ text: `half(${given("n", "number")})`, type: "maybe" }),
    () => ({ text: `pack(${given("box", "box")})`, type: "box" }),
    () => ({ text: `list(${given("n", "number")})`, type: "numbers" }),
    () => ({ text: `words(${given("s", "text")})`, type: "texts" }),
    () => ({ text: `grade(${given("n", "number")})`, type: "level" }),
    () => ({ text: `count(${given("s", "text")})`, type: "counts" }),
  ];
  const positive = (): Call => ({ text: `positive(${given("n", "number")})`, type: "number" });
  const failing = [...(canFail(place.failures, "Declined") ? [positive] : []), () => flaky(statement, site, salt)];
  return statement.choose(mustFail ? failing : [...calls, ...failing], salt)();
}

function flaky(statement: Statement, site: string, salt: number): Call {
  const mayFail = canFail(statement.place.failures, "Busy");
  const retries = statement.choose([undefined, 1, 3, 0], salt + 1);
  const times = Math.min(statement.choose([0, 1, 2, 3], salt + 2), mayFail ? 9 : (retries ?? 2));
  const options = retries === undefined ? "" : `.with({ retries: ${retries}, retryDelaySeconds: 1 })`;
  return { text: `flaky${options}({ site: ${site}, times: ${times} })`, type: "text" };
}

export function canFail(failures: Failures, kind: "Declined" | "Busy"): boolean {
  return failures === "any" || failures === kind;
}

export function printCall(statement: Statement): Printed {
  const { text, type } = callOf(statement, 1);
  return statement.choose<() => Printed>(
    [
      () => printDeclared(statement, text, type),
      () => ({ lines: [SPEND, `await ${text};`] }),
      () => printAssigned(statement, text, type),
      () => printNote(statement),
      () => printBoth(statement, text, type),
    ],
    13,
  )();
}

function printDeclared(statement: Statement, text: string, type: Type): Printed {
  const declared = statement.declare({ type, isMutable: statement.pick(11) % 4 === 3 });
  const word = declared.isMutable ? "let" : "const";
  return { lines: [SPEND, `${word} ${declared.name} = await ${text};`], declares: [declared] };
}

function printAssigned(statement: Statement, text: string, type: Type): Printed {
  const { variables, depth } = statement.place;
  const own = variables.find((one) => one.type === type && one.isMutable && one.depth === depth);
  return { lines: [SPEND, `${own === undefined ? "" : `${own.name} = `}await ${text};`] };
}

/** The task that takes anything. */
function printNote(statement: Statement): Printed {
  const { place, names, expressions } = statement;
  const site = place.site ?? String(names.site(place.region));
  const given = expressions.print(place.variables[0]?.type ?? "number", statement.value(1));
  return { lines: [SPEND, `await note({ site: ${site}, value: ${given} });`] };
}

/** Two calls within one expression. */
function printBoth(statement: Statement, text: string, type: Type): Printed {
  const declared = statement.declare({ type: "text" });
  const other = callOf(statement, 5, statement.value(1));
  const parts = [shown(`(await ${text})`, type), shown(`(await ${other.text})`, other.type)];
  return {
    lines: [SPEND, SPEND, `const ${declared.name} = \`\${${parts[0]}}-\${${parts[1]}}\`;`],
    declares: [declared],
  };
}

/** A value of a type as a part of a text. */
export function shown(value: string, type: Type): string {
  switch (type) {
    case "maybe":
      return `${value} ?? "none"`;
    case "numbers":
    case "texts":
    case "boxes":
      return `${value}.length`;
    case "box":
      return `${value}.size`;
    case "counts":
      return `Object.keys(${value}).length`;
    default:
      return value;
  }
}

export function printHelperCall(statement: Statement): Printed | undefined {
  const { place, expressions, names } = statement;
  const print = (type: Type, seed: ExpressionSeed = statement.value()): string => expressions.print(type, seed);
  const site = place.site ?? String(names.site(place.region));
  const result = (type: Type, call: string, spend: number | string = 0): Printed => {
    const declared = statement.declare({ type });
    return { lines: [{ spend }, `const ${declared.name}: ${WRITTEN[type]} = await ${call};`], declares: [declared] };
  };
  const ns = print("numbers", statement.value(1));
  const own = names.helpers
    .filter(({ failures }) => place.failures === "any" || failures === "none")
    .map(
      ({ name, returns }) =>
        () =>
          result(
            returns,
            `${name}(${site}, ${print("number")}, ${print("texts", statement.value(1))}, ${print("box", statement.value(2))})`,
          ),
    );
  if (place.site !== undefined) return undefined; // a helper of a helper is among those of the project
  return statement.choose<() => Printed>([
    ...own,
    ...own,
    () => result("number", `twice(${site}, ${print("number")})`, 7),
    () => result("text", `orElse(${site}, ${print("number")}, ${print("text", statement.value(1))})`, 2),
    () => result("numbers", `otherFlow({ n: ${print("number")}, ns: ${ns}, site: ${site} })`, `2 + 3 * ${ns}.length`),
  ])();
}
