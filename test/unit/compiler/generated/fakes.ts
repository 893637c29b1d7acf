import type { Json, JsonObject } from "../../../../engine/model/json.ts";
import { ADD_TAGS_TASK, type FlowLine } from "../../../../engine/model/wire.ts";
import { ANSWERS } from "./project/functions/fakes/answers.ts";
import type { Call } from "./seen.ts";

/** What answers the calls of a machine, and remembers them. */
export class Fakes {
  readonly calls: Call[] = [];
  readonly logs: string[] = [];
  readonly tags = new Set<string>();
  /** `acquire …` and `release …`, in turn. */
  readonly locks: string[] = [];
  readonly #lines = new Set<string>();

  /** @throws what the task fails with */
  answer(payload: JsonObject): Json {
    this.remember(payload);
    return answerOf(payload);
  }

  remember(payload: JsonObject): void {
    const { input = null, attempt, tags = [], logs = [], acquire, release } = payload;
    const task = payload["task"] as string;
    if (acquire !== undefined || release !== undefined) {
      this.locks.push(
        acquire === undefined ? `release ${JSON.stringify(release)}` : `acquire ${JSON.stringify(acquire)}`,
      );
      return;
    }
    for (const { level, message, fields = {}, line } of logs as unknown as FlowLine[]) {
      if (!this.#lines.has(line)) this.logs.push(JSON.stringify([level, message, fields]));
      this.#lines.add(line);
    }
    for (const tag of (task === ADD_TAGS_TASK ? input : tags) as string[]) this.tags.add(tag);
    if (task !== ADD_TAGS_TASK) this.calls.push({ task, input, attempt: Number(attempt) });
  }
}

/** What a lock gives. */
export const HELD = { name: "lock", fence: 1 };

/** @throws what the task fails with */
export function answerOf({ task, input = null, attempt }: JsonObject): Json {
  return ANSWERS[task as string]?.(input as never, Number(attempt)) ?? null;
}
