import { indented, type Printed, type Statement } from "./print-block.ts";
import { callOf } from "./print-call.ts";
import { within, type Failures, type Line, type Place, type Variable } from "./place.ts";

/** A `throw`, which only conditions stand before: nothing may follow it. */
export function thrown(statement: Statement): string | undefined {
  const { place, expressions } = statement;
  const text = expressions.print("text", statement.value(3));
  const kinds: { readonly [failures in Failures]: readonly string[] } = {
    any: [
      `throw new Declined(${text});`,
      `throw new Error(${text});`,
      `throw new OutOfStock(${expressions.print("number", statement.value(3))});`,
      `throw new TypeError(${text});`,
      `throw new Busy(${text});`,
    ],
    Declined: ['throw new Declined("negative");'],
    Busy: ['throw new Busy("busy");'],
    none: [],
  };
  const allowed = kinds[place.failures];
  return allowed.length === 0 ? undefined : statement.choose(allowed, 17);
}

export function printThrow(statement: Statement): Printed | undefined {
  const text = thrown(statement);
  if (text === undefined) return undefined;
  const condition = statement.expressions.print("flag", statement.value());
  return { lines: [{ spend: 1 }, `if (${condition}) {`, "  " + text, "}"] };
}

/** In the order of `forms`: who is caught, and whether something is done at last. */
export function printTry(statement: Statement): Printed {
  const { place } = statement;
  const form = statement.choose(["swallow", "filter", "finally", "classes", "swallow finally", "filter finally"], 1);
  const swallows = form.startsWith("swallow") || form === "classes";
  const inside: Place = swallows ? { ...place, failures: "any" } : place;
  const first = callOf(statement.at(inside), 3, statement.value(1), true);
  const begin: Line[] = [{ spend: 1 }, `  await ${first.text};`];
  const body = statement.block(0, inside);
  const caught = form === "finally" ? undefined : printCatch(statement, form);
  const last = form.includes("finally") ? statement.block(2, place).lines : undefined;
  return {
    lines: [
      "try {",
      ...begin,
      ...body.lines,
      ...(caught === undefined ? [] : ["} catch (error) {", ...caught]),
      ...(last === undefined ? [] : ["} finally {", { spend: 1 }, ...last]),
      "}",
    ],
  };
}

function printCatch(statement: Statement, form: string): Line[] {
  const { place } = statement;
  const text = caughtText(statement);
  const inside = within(place, [text.variable]);
  const block = statement.block(1, inside).lines;
  const error = statement.choose(["Declined", "Busy", "OutOfStock", "TypeError"], 5);
  if (form.startsWith("swallow")) return [text.line, ...block];
  const other = form.startsWith("filter")
    ? ["throw error;"]
    : ['if ((error as Error).name === "Busy") {', "  await note({ site: 0, value: (error as Error).message });", "}"];
  const spend = { spend: form === "classes" ? 3 : 1 };
  return [
    ...indented([spend, `if (error instanceof ${error}) {`]),
    ...indented([text.line, ...block]),
    ...indented(["} else {", ...indented(other), "}"]),
  ];
}

function caughtText(statement: Statement): { readonly line: string; readonly variable: Variable } {
  const variable = statement.declare({ type: "text" });
  const value = statement.choose(
    ["(error as Error).message", "(error as Error).name", "`${(error as Error).name}: ${(error as Error).message}`"],
    7,
  );
  return { line: `  const ${variable.name}: string = ${value};`, variable };
}
