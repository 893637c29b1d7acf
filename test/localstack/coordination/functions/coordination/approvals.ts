import { log, waitForEvent } from "millrace";
import { APPROVAL, type Approved } from "./models.ts";
import { greet } from "./tasks.ts";

export async function approved({ name, timeoutSeconds }: Approved): Promise<string> {
  log.info(`asks for ${name}`);
  await greet({ name });
  try {
    const answer = await waitForEvent(APPROVAL, { timeoutSeconds });
    return answer.approved ? "approved" : "refused";
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}
