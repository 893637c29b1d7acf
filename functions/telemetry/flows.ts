import { measureRepositories } from "../git/tasks.ts";
import type { SendStatus } from "./models.ts";
import { markUnsent, sendSnapshot, takeSnapshot } from "./tasks.ts";

export async function sendTelemetry(): Promise<SendStatus> {
  const repositories = await measureRepositories({});
  const stored = await takeSnapshot({ repositories });
  try {
    return await sendSnapshot({ snapshot: stored.snapshot });
  } catch {
    return await markUnsent({ snapshot: stored.snapshot });
  }
}
