import { task } from "millrace";
import * as z from "zod";
import { ANSWERS } from "./answers.ts";
import { Box, Level } from "./models.ts";

/** Where in a program the call stands: it tells calls that go on side by side from the others. */
const site = z.number();
const OfNumber = z.object({ site, n: z.number() });
const OfText = z.object({ site, s: z.string() });

export const double = task({ name: "double", input: OfNumber, output: z.number() }, (input) => answer("double", input));
export const triple = task({ name: "triple", input: z.number(), output: z.number() }, (n) => answer("triple", n));
export const echo = task({ name: "echo", input: OfText, output: z.string() }, (input) => answer("echo", input));
/** Fails with `Declined` below 0. */
export const positive = task({ name: "positive", input: OfNumber, output: z.number(), retries: 0 }, (input) =>
  answer("positive", input),
);
/** Fails with `Busy` so many times; two retries help against it. */
export const flaky = task(
  { name: "flaky", input: z.object({ site, times: z.number() }), output: z.string(), retries: 2 },
  (input, { run }) => answer("flaky", input, run.attempt),
);
export const half = task({ name: "half", input: OfNumber, output: z.number().nullable() }, (input) =>
  answer("half", input),
);
export const pack = task({ name: "pack", input: z.object({ site, box: Box }), output: Box }, (input) =>
  answer("pack", input),
);
export const list = task({ name: "list", input: OfNumber, output: z.array(z.number()) }, (input) =>
  answer("list", input),
);
export const words = task({ name: "words", input: OfText, output: z.array(z.string()) }, (input) =>
  answer("words", input),
);
export const grade = task({ name: "grade", input: OfNumber, output: Level }, (input) => answer("grade", input));
export const count = task({ name: "count", input: OfText, output: z.record(z.string(), z.number()) }, (input) =>
  answer("count", input),
);
export const note = task({ name: "note", input: z.unknown(), output: z.null() }, (input) => answer("note", input));

function answer<T>(name: string, input: unknown, attempt = 1): T {
  return ANSWERS[name]?.(input as never, attempt) as T;
}
