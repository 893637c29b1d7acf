/** How a task is tried, as it declares that, or as one call of it does with `task.with({ … })(input)`. */
export interface CallOptions {
  /** Further attempts after the first fails; 0 where it is left out. Invalid input or output is never retried. */
  readonly retries?: number;
  /** Names of the errors that are retried; all where it is left out. */
  readonly retryOn?: readonly string[];
  /** Pause before each retry; 0 where it is left out. With `retryBackoff` the pause before the first. */
  readonly retryDelaySeconds?: number;
  /** Each pause is this many times the one before; 1 (a fixed delay) where it is left out. */
  readonly retryBackoff?: number;
  /** No pause is longer than this. */
  readonly maxRetryDelaySeconds?: number;
  /** Each pause has a random length, from none up to what the options above say. */
  readonly retryJitter?: boolean;
  /** Longest duration of an attempt; 1 to 900, and 900 where it is left out. */
  readonly timeoutSeconds?: number;
}

export const LONGEST_TIMEOUT_SECONDS = 900;

interface Range {
  readonly lowest: number;
  readonly highest: number;
  readonly whole: boolean;
}

/** What the options that are numbers may be. */
export const RANGES = {
  retries: { lowest: 0, highest: 100, whole: true },
  retryDelaySeconds: { lowest: 0, highest: 86_400, whole: false },
  retryBackoff: { lowest: 1, highest: 10, whole: false },
  maxRetryDelaySeconds: { lowest: 1, highest: 86_400, whole: true },
  timeoutSeconds: { lowest: 1, highest: LONGEST_TIMEOUT_SECONDS, whole: true },
} satisfies { readonly [option in keyof CallOptions]: Range };

export type NumberOption = keyof typeof RANGES;

/** Why an option cannot have this value, or nothing. `shown`: the value as its source has it. */
export function rangeProblem(option: NumberOption, value: number, shown = String(value)): string | undefined {
  const { lowest, highest, whole } = RANGES[option];
  if (value >= lowest && value <= highest && (!whole || Number.isInteger(value))) return undefined;
  return `${option} is ${shown}, allowed are ${whole ? "whole numbers" : "numbers"} from ${lowest} to ${highest}`;
}

/** Why these cannot be the names of errors, or nothing. */
export function retryOnProblem(names: readonly string[]): string | undefined {
  if (names.length > 0 && names.every((name) => name !== "" && !name.startsWith("States."))) return undefined;
  return `retryOn is ${JSON.stringify(names)}, allowed are names of errors, at least one and none of Step Functions' own`;
}

/** Everything that is wrong in the options. */
export function callOptionProblems(options: CallOptions): string[] {
  const numbers = Object.keys(RANGES) as NumberOption[];
  const ranges = numbers.map((option) => {
    const value = options[option];
    return value === undefined ? undefined : rangeProblem(option, value);
  });
  const { retryOn } = options;
  const all = [...ranges, retryOn === undefined ? undefined : retryOnProblem(retryOn)];
  return all.filter((problem) => problem !== undefined);
}
