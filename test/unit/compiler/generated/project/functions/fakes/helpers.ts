import type { Input, Level } from "./models.ts";
import { double, echo, positive } from "./tasks.ts";

/** A level of which TypeScript does not know which it is; so too the others. */
export const asLevel = (level: Level): Level => level;
export const asMaybe = (n: number | null): number | null => n;
export const asFlag = (flag: boolean): boolean => flag;
export const emptyCounts = (): Input["counts"] => ({});
export const countOf = (counts: Input["counts"], key: string): number => counts[key] ?? -1;

export function sign(n: number): number {
  if (n < 0) return -1;
  const isZero = n === 0;
  return isZero ? 0 : 1;
}

export async function twice(site: number, n: number, most = 50): Promise<number> {
  let value = n;
  for (let turn = 0; turn < 2; turn += 1) {
    if (value > most) return value;
    value = await double({ site, n: value });
  }
  return value;
}

export async function orElse(site: number, n: number, other: string): Promise<string> {
  try {
    const checked = await positive({ site, n });
    return `${checked}`;
  } catch (error) {
    return `${other} ${(error as Error).message}`;
  } finally {
    await echo({ site, s: other });
  }
}

/** Another workflow's flow, which a program calls directly. */
export async function otherFlow({ n, ns, site }: Pick<Input, "n" | "ns"> & { site: number }): Promise<number[]> {
  let found: number[] = [n];
  for (const one of ns) {
    const doubled = await double({ site, n: one });
    if (doubled > 6) break;
    found = [...found, doubled];
  }
  return found;
}
