import { one } from "./tasks.ts";

export async function broken(): Promise<number> {
  const first = one({});
  const second = one({});
  return (await first) + (await second);
}
