import type { Printed, Statement } from "./print-block.ts";
import { TYPES, WRITTEN, type Variable } from "./place.ts";

export function printConstant(statement: Statement): Printed {
  const type = statement.choose(TYPES);
  const declared = statement.declare({ type });
  const value = statement.expressions.print(type, statement.value());
  return { lines: [`const ${declared.name}: ${WRITTEN[type]} = ${value};`], declares: [declared] };
}

export function printVariable(statement: Statement): Printed {
  const type = statement.choose(TYPES);
  const declared = statement.declare({ type, isMutable: true });
  const value = statement.expressions.print(type, statement.value());
  return { lines: [`let ${declared.name}: ${WRITTEN[type]} = ${value};`], declares: [declared] };
}

export function printAssignment(statement: Statement): Printed {
  const { place } = statement;
  const own = place.variables.filter(({ isMutable, depth }) => isMutable && depth === place.depth);
  if (own.length === 0) return printVariable(statement);
  return { lines: [assignment(statement, statement.choose(own))] };
}

/** In a loop a value must stay small, however often it is assigned. */
function assignment(statement: Statement, { name, type }: Variable): string {
  const { expressions, place } = statement;
  const value = expressions.print(type, statement.value());
  switch (type) {
    case "number":
      return statement.choose(
        [`${name} += 1;`, `${name}++;`, `${name} += ${value} % 100;`, `${name} = ${value} % 1000;`, `${name} -= 2;`],
        7,
      );
    case "text": {
      const more = JSON.stringify(statement.choose(["", "!", 'q"', "a"], 5));
      const number = expressions.print("number", statement.value());
      if (place.isInLoop) return statement.choose([`${name} += ${more};`, `${name} = String(${number});`], 7);
      return statement.choose([`${name} += ${more};`, `${name} = ${value};`], 7);
    }
    case "numbers":
      return `${name} = [...${name}, ${expressions.print("number", statement.value())}].slice(-5);`;
    case "texts":
      return `${name} = [...${name}, String(${expressions.print("number", statement.value())})].slice(-5);`;
    case "box":
      return `${name} = { ...${name}, size: ${expressions.print("number", statement.value())} % 100 };`;
    case "boxes":
      return `${name} = ${name}.slice(1);`;
    case "counts":
      return `${name} = { ...${name}, a: ${expressions.print("number", statement.value())} % 100 };`;
    default:
      return `${name} = ${value};`;
  }
}

export function printDestructuring(statement: Statement): Printed {
  const { expressions } = statement;
  const [first, second] = [statement.declare({ type: "number" }), statement.declare({ type: "number" })];
  const text = { ...statement.declare({ type: "text" }), isKnown: true };
  const maybe = statement.declare({ type: "maybe" });
  const from = (type: "numbers" | "box" | "texts"): string => expressions.print(type, statement.value());
  const fallback = expressions.print("number", statement.value(1));
  return statement.choose<() => Printed>([
    () => ({
      lines: [`const [${first.name} = ${fallback}, ${second.name} = 1] = ${from("numbers")};`],
      declares: [first, second],
    }),
    () => ({
      lines: [
        `const boxed${first.name}: Box = ${from("box")};`,
        `const { size: ${first.name}, note: ${maybe.name}, tags: [${text.name} = "none"] } = boxed${first.name};`,
      ],
      declares: [first, maybe, text],
    }),
    () => ({ lines: [`const [, ${text.name} = "b"] = ${from("texts")};`], declares: [text] }),
  ])();
}
