import { styleText } from "node:util";

export type Style = Parameters<typeof styleText>[0];

/** Colour where standard output is a terminal and NO_COLOR is not set. */
export function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** Where a command says what it found: for people, or with `--json` one JSON document a line. */
export interface Output {
  readonly json: boolean;
  /** The answer of the command. */
  result(value: unknown, text: string): void;
  /** What happens on the way; not said with `--json`. */
  progress(text: string): void;
}

export function outputTo(write: (text: string) => void, json: boolean): Output {
  return {
    json,
    result: (value, text) => {
      if (json) write(`${JSON.stringify(value)}\n`);
      else if (text !== "") write(`${text}\n`);
    },
    progress: (text) => {
      if (!json) write(`${text}\n`);
    },
  };
}
