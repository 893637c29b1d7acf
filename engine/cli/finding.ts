import { styled } from "./output.ts";

/** One thing that `millrace doctor` looked at. */
export interface Finding {
  /** What was looked at: `catalogue`, `schedule of x`. */
  readonly check: string;
  readonly verdict: "ok" | "note" | "problem";
  /** What there is, in sentences. */
  readonly text: string;
  /** What to do about it. */
  readonly advice?: string;
}

export const ok = (check: string, text: string): Finding => ({ check, verdict: "ok", text });
export const note = (check: string, text: string, advice?: string): Finding => ({
  check,
  verdict: "note",
  text,
  ...(advice === undefined ? {} : { advice }),
});
export const problem = (check: string, text: string, advice: string): Finding => ({
  check,
  verdict: "problem",
  text,
  advice,
});

const MARKS = { ok: styled("green", "✓"), note: styled("yellow", "•"), problem: styled("red", "✗") };

export function findingText({ check, verdict, text, advice }: Finding): string {
  const line = `${MARKS[verdict]} ${check}: ${text}`;
  return advice === undefined ? line : `${line}\n    → ${advice}`;
}
