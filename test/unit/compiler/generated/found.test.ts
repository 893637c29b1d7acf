import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { disagreement } from "./agreement.ts";
import { Workshop } from "./compile.ts";
import { programOf } from "./print-program.ts";
import { inputs } from "./seeds.ts";

/** Programs that were grown and not the same as machines, made small. */
const FOUND: { readonly [what: string]: string } = {
  "a line that is logged before its variable changes": `
  let number = await double({ site: 0, n });
  log.info(s, { n: number });
  number = 4;
  return number;`,
  "a tag of a variable that changes in a branch": `
  let number = n;
  await addTags({ others: [\`t\${number}\`] });
  if (flag) number = 1;
  return await double({ site: 0, n: number });`,
  "a line of a loop that an error takes out of it": `
  try {
    await positive({ site: 0, n });
    for (let turn = 0; turn < 1; turn += 1) log.debug(s, { n });
    const all = await batch(ns, (one) => positive({ site: 1, n: one }), { maxConcurrency: 1, onError: "fail" });
    return all;
  } catch (error) {
    if (flag) await double({ site: 2, n });
    return await batch(ns, (one) => double({ site: 3, n: one }), { maxConcurrency: 1, onError: "fail" });
  }`,
  "a loop that only computes behind a condition": `
  let number = await double({ site: 0, n });
  if (flag) {
    let turn = 0;
    while (true) {
      turn += 1;
      if (turn > 2) break;
      number += n;
    }
  }
  return number;`,
  "a loop that only computes in one over a list": `
  let number = await double({ site: 0, n });
  for (const { size } of boxes) {
    let turn = 0;
    while (true) {
      turn += 1;
      if (turn > 2) break;
      number += size;
    }
  }
  return number;`,
  "a helper in a Map at the beginning that reads a variable": `
  let context: Box = box;
  for (const one of boxes) await orElse(0, one.size, context.id);
  context = { ...context, size: n };
  return context;`,
  "a helper in a distributed Map that assigns what it is given": `
  return await batch([box, box], async (one, at) => await twice(0, at), { maxConcurrency: 3, onError: "fail" });`,
  "distributed Maps in each other": `
  return await batch([n], async (one) => {
    return await batch([1], async (two) => await positive({ site: 0, n: one + two }), { maxConcurrency: 50 });
  }, { maxConcurrency: 50 });`,
  "a loop in a batch of few items": `
  return await batch(
    [n, 1],
    async (one) => {
      for (let turn = 0; turn < 3; turn += 1) await positive({ site: 0, n: one });
      return one;
    },
    { maxConcurrency: 1, onError: "fail" },
  );`,
};

const workshop = new Workshop();
afterAll(() => workshop.close());
const compiled = workshop.compile(Object.values(FOUND).map(programOf));

it.each(Object.keys(FOUND).map((what, index) => [what, compiled[index]] as const))("%s", async (_, one) => {
  expect(one && (await disagreement(one, fc.sample(inputs, { seed: 1, numRuns: 20 })))).toBe(undefined);
});
