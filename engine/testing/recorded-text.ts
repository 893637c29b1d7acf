import type { RunError } from "../model/errors.ts";
import type { RecordedCall } from "../model/recorded-call.ts";

/** Writes recorded calls as source text, and remembers what that has to import. */
export class RecordedText {
  readonly #classes: { readonly [name: string]: string };
  /** Of `millrace/testing`. */
  readonly helpers = new Set(["direct"]);
  /** Classes of errors, by their files. */
  readonly classes = new Map<string, Set<string>>();

  /** @param classes Files that declare classes of errors, by the errors' names. */
  constructor(classes: { readonly [name: string]: string }) {
    this.#classes = classes;
  }

  fake(task: string, calls: readonly RecordedCall[]): string {
    this.helpers.add("fake");
    return `fake(${text(task)}, ${this.recording(calls)}),`;
  }

  recording(calls: readonly RecordedCall[]): string {
    this.helpers.add("recorded");
    const all = calls.map(({ input, result, error }) => {
      const end = error === undefined ? `result: ${text(result ?? null)}` : `error: ${this.#error(error)}`;
      return `  { input: ${text(input)}, ${end} },`;
    });
    return ["recorded([", ...all, "])"].join("\n");
  }

  answers(calls: readonly RecordedCall[]): string {
    const all = calls.map(({ result = null, error }) => {
      if (error === undefined) return text(result);
      this.helpers.add("recordedError");
      return `recordedError(${this.#error(error)})`;
    });
    return `[${all.join(", ")}]`;
  }

  #error({ name, message }: RunError): string {
    const file = this.#classes[name];
    if (file === undefined) return `{ name: ${text(name)}, message: ${text(message)} }`;
    this.classes.set(file, (this.classes.get(file) ?? new Set()).add(name));
    return `{ name: ${text(name)}, message: ${text(message)}, class: ${name} }`;
  }
}

export function text(value: unknown): string {
  return JSON.stringify(value);
}
