import type { Printed, Statement } from "./print-block.ts";
import { within, type Variable } from "./place.ts";

const SPEND = { spend: 1 };

export function printSleep(statement: Statement): Printed {
  const seconds = `sign(${statement.expressions.print("number", statement.value())}) + 1`;
  return { lines: [SPEND, `await sleep(${statement.choose(["0", "1", seconds])});`] };
}

export function printLog(statement: Statement): Printed | undefined {
  const { place, expressions } = statement;
  if (!place.canLog) return undefined;
  const text = expressions.print("text", statement.value());
  const n = expressions.print("number", statement.value(1));
  const level = statement.choose(["info", "warn", "debug", "error"]);
  return { lines: [SPEND, `log.${level}(${text}, { n: ${n} });`] };
}

export function printTags(statement: Statement): Printed | undefined {
  const { place, expressions } = statement;
  if (!place.canLog) return undefined;
  const number = expressions.print("number", statement.value());
  return { lines: [SPEND, `await addTags({ others: [\`t\${${number}}\`, "fixed"] });`] };
}

export function printLock(statement: Statement): Printed | undefined {
  const { place, names, expressions } = statement;
  if (place.holdsLock || place.region !== "" || place.site !== undefined) return undefined;
  const held: Variable = { name: names.fresh("lock"), type: "number", depth: place.depth, isMutable: false };
  const isHeld: Variable = { name: names.fresh("isHeld"), type: "flag", depth: place.depth, isMutable: false };
  const name = statement.choose(['"k"', `\`k\${${expressions.print("number", statement.value())}}\``]);
  const inside = within({ ...place, holdsLock: true }, [isHeld]);
  return {
    lines: [
      "{",
      SPEND,
      SPEND,
      `  await using ${held.name} = await acquireLock({ namespace: "box", name: ${name} });`,
      `  const ${isHeld.name}: boolean = ${held.name}.fence > 0;`,
      ...statement.block(0, inside).lines,
      "}",
    ],
  };
}
