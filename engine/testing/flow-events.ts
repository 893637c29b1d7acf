import { checkAnswer, eventTimedOut, type EventDefinition } from "../model/event.ts";
import { toError } from "../model/errors.ts";
import { overTheWire, type Json } from "../model/json.ts";
import type { FlowTime } from "./flow-time.ts";
import type { Trace } from "./trace.ts";

/** What waits for events are answered with in turn, by the events' names: values, and errors that are thrown. */
export interface EventAnswers {
  readonly [event: string]: readonly unknown[];
}

/** Answers the events that flows wait for at once; where no answer is left, a wait takes its time and fails. */
export class FlowEvents {
  readonly #answers: ReadonlyMap<string, unknown[]>;
  readonly #time: FlowTime;
  readonly #trace: Trace;

  constructor(answers: EventAnswers, time: FlowTime, trace: Trace) {
    this.#answers = new Map(Object.entries(answers).map(([event, list]) => [event, [...list]]));
    this.#time = time;
    this.#trace = trace;
  }

  /** @throws MillraceError `EventTimedOut`, `InvalidAnswer`; the error that it is answered with */
  async wait(event: EventDefinition, timeoutSeconds: number): Promise<Json> {
    try {
      const value = await this.#answer(event, timeoutSeconds);
      this.#trace.events.push({ at: this.#time.now(), event: { name: event.name, value } });
      return value;
    } catch (thrown) {
      const error = toError(thrown);
      this.#trace.events.push({ at: this.#time.now(), event: { name: event.name, error: error.name } });
      throw error;
    }
  }

  async #answer(event: EventDefinition, timeoutSeconds: number): Promise<Json> {
    const left = this.#answers.get(event.name) ?? [];
    if (left.length === 0) {
      await this.#time.sleep(timeoutSeconds * 1000);
      throw eventTimedOut(event.name, timeoutSeconds);
    }
    const answer = left.shift();
    if (answer instanceof Error) throw answer;
    const checked = checkAnswer(event, { value: overTheWire(answer) });
    return "value" in checked ? checked.value : null;
  }
}
