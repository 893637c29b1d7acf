import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { NOTHING_COUNTED } from "../unit/compiler/generated/agreement.ts";
import { failureOf } from "../unit/compiler/generated/check.ts";
import { Workshop } from "../unit/compiler/generated/compile.ts";

/**
 * `npm run test:generated [-- --programs 10000 --seed 7]`: grows programs, compiles them, and runs each as a function and as
 * a machine. The first that differs is made small and printed; its seed grows it again.
 */
const { values } = parseArgs({ options: { programs: { type: "string" }, seed: { type: "string" } } });
const programs = Number(values.programs ?? 10_000);
const seed = Number(values.seed ?? randomInt(1_000_000_000));
/** As many make one Program of TypeScript. */
const BATCH = 200;

if (!Number.isSafeInteger(programs) || programs < 1 || !Number.isSafeInteger(seed)) {
  console.error(
    `--programs takes a number from 1, --seed a whole number; given are ${values.programs}, ${values.seed}.`,
  );
  process.exit(2);
}
console.log(`${programs} programs from seed ${seed}`);
const tally = { ...NOTHING_COUNTED };
const workshop = new Workshop();
try {
  for (let done = 0; done < programs; done += BATCH) {
    const count = Math.min(BATCH, programs - done);
    const failure = await failureOf({ seed: seed + done, count }, workshop, tally);
    if (failure !== undefined) {
      console.error(`${failure}\nAgain: npm run test:generated -- --seed ${seed + done} --programs ${count}`);
      process.exitCode = 1;
      break;
    }
    const saved = Math.round(100 * (1 - tally.transitions / tally.priced));
    console.log(
      `${done + count} programs: ${tally.runs} runs, ${tally.failed} of them fail, ${tally.calls} calls, ` +
        `${tally.transitions} transitions, ${saved} % below the table, ${tally.exact} known exactly before`,
    );
  }
} finally {
  workshop.close();
}
