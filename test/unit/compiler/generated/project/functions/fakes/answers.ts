import type { Json, JsonObject } from "millrace";
import { Busy, Declined } from "./models.ts";

/** What each task does, by its name; the call of a direct run, of a local machine and of a function in LocalStack alike. */
export const ANSWERS: { readonly [task: string]: (input: never, attempt: number) => Json } = {
  double: ({ n }: { readonly n: number }) => n * 2,
  triple: (n: number) => n * 3,
  echo: ({ s }: { readonly s: string }) => s,
  positive: ({ n }: { readonly n: number }) => {
    if (n < 0) throw new Declined("negative");
    return n;
  },
  flaky: ({ times }: { readonly times: number }, attempt) => {
    if (attempt <= times) throw new Busy("busy");
    return `attempt ${attempt}`;
  },
  half: ({ n }: { readonly n: number }) => (n % 2 === 0 ? n / 2 : null),
  pack: ({ box }: { readonly box: JsonObject }) => ({ ...box, note: 1 }),
  list: ({ n }: { readonly n: number }) => [n, n + 1],
  words: ({ s }: { readonly s: string }) => [s, "w"],
  grade: ({ n }: { readonly n: number }) => (n < 0 ? "low" : n < 3 ? "mid" : "high"),
  count: ({ s }: { readonly s: string }) => ({ a: 1, [`k${s}`]: 2 }),
  note: () => null,
};
