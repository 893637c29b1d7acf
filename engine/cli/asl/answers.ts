import { ErrorName, MillraceError } from "../../model/errors.ts";
import { isJsonObject, type Json } from "../../model/json.ts";

/** What a call gives, after so many seconds: what its integration returns, or what it fails with. */
export type Answer = { readonly delaySeconds?: number } & (
  { readonly result: Json } | { readonly error: string; readonly cause?: string }
);

/** The answers to the calls of each state, one for each call in turn; the last one repeats. */
export class Answers {
  readonly #answers: ReadonlyMap<string, readonly Answer[]>;
  readonly #calls = new Map<string, number>();

  /** @throws MillraceError `InvalidRequest` for what is no such file */
  constructor(given: Json) {
    if (!isJsonObject(given)) throw refusal("The tasks file is no object");
    this.#answers = new Map(Object.entries(given).map(([state, list]) => [state, readList(state, list)]));
  }

  /** @throws MillraceError `InvalidRequest` where the state has none */
  next(state: string): Answer {
    const call = this.#calls.get(state) ?? 0;
    this.#calls.set(state, call + 1);
    const answers = this.#answers.get(state) ?? [];
    const given = answers[Math.min(call, answers.length - 1)];
    if (given !== undefined) return given;
    throw refusal(`State ${JSON.stringify(state)} makes a call that the tasks file has no entry for`);
  }
}

function readList(state: string, list: Json): readonly Answer[] {
  if (!Array.isArray(list)) throw refusal(`The tasks file has no list for state ${JSON.stringify(state)}`);
  const wrong = list.findIndex((entry) => !isAnswer(entry));
  if (wrong < 0) return list as unknown as readonly Answer[];
  const given = JSON.stringify(list[wrong]);
  throw refusal(`Entry ${wrong + 1} of state ${JSON.stringify(state)} in the tasks file is ${given}`);
}

function isAnswer(entry: Json): boolean {
  if (!isJsonObject(entry)) return false;
  const { delaySeconds = 0, ...said } = entry;
  const { error, cause = "" } = said;
  const isDelay = typeof delaySeconds === "number" && delaySeconds >= 0;
  const keys = Object.keys(said).join();
  const isError = ["error", "error,cause", "cause,error"].includes(keys) && typeof error === "string";
  return isDelay && (keys === "result" || (isError && typeof cause === "string"));
}

const SHAPE =
  '{ "<state>": [{ "result": … }, { "error": "…", "cause": "…", "delaySeconds": 3 }] }, with an entry for each call in turn.';

function refusal(what: string): MillraceError {
  return new MillraceError(ErrorName.INVALID_REQUEST, `${what}. Allowed is ${SHAPE}`);
}
