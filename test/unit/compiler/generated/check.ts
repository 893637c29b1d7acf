import fc from "fast-check";
import { disagreement, type Tally } from "./agreement.ts";
import type { Workshop } from "./compile.ts";
import { printProgram } from "./print-program.ts";
import { programs, type ProgramSeed } from "./seeds.ts";

export interface Batch {
  readonly seed: number;
  readonly count: number;
}

/** How long a program that fails is made smaller, in milliseconds. */
const SHRINKING = 60_000;

/** Grows a batch of programs and runs each both ways; answers the first that differs, made small, and which others do. */
export async function failureOf({ seed, count }: Batch, workshop: Workshop, tally: Tally): Promise<string | undefined> {
  const seeds = fc.sample(programs, { seed, numRuns: count });
  const compiled = workshop.compile(seeds.map(printProgram));
  const failed: number[] = [];
  for (const [index, one] of compiled.entries()) {
    const found = await disagreement(one, seeds[index]?.inputs ?? [], tally).catch(String);
    if (found !== undefined) failed.push(index);
  }
  const [first] = failed;
  if (first === undefined) return undefined;
  const grown = await smallest(seeds[first] as ProgramSeed, { seed, path: String(first) }, workshop);
  const why = await disagreementOf(grown, workshop);
  return [
    `Programs ${failed.join(", ")} of seed ${seed} differ. The first of them, made small:`,
    printProgram(grown).source,
    why ?? "It differs in the batch alone.",
  ].join("\n");
}

/** A smaller one that differs still. */
async function smallest(
  grown: ProgramSeed,
  place: { readonly seed: number; readonly path: string },
  workshop: Workshop,
): Promise<ProgramSeed> {
  const property = fc.asyncProperty(programs, async (seed) => (await disagreementOf(seed, workshop)) === undefined);
  const { counterexample } = await fc.check(property, { ...place, numRuns: 1, interruptAfterTimeLimit: SHRINKING });
  return counterexample?.[0] ?? grown;
}

async function disagreementOf(seed: ProgramSeed, workshop: Workshop): Promise<string | undefined> {
  const [compiled] = workshop.compile([printProgram(seed)]);
  return compiled && disagreement(compiled, seed.inputs).catch(String);
}
