import type ts from "typescript";
import type { Diagnostic } from "../model/compiled.ts";
import { MISTAKES, type MistakeName } from "./mistakes.ts";
import type { Source } from "./source.ts";

/** Names that a flow does not have: what else is wrong at their place only follows from that. */
const ABSENT: ReadonlySet<MistakeName> = new Set(["absent", "logs"]);

/** Collects diagnostics; the same mistake at the same place is kept once. */
export class Diagnostics {
  readonly #found = new Map<string, Diagnostic>();
  readonly #absent = new Set<string>();
  #reports = 0;
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  get found(): readonly Diagnostic[] {
    return [...this.#found.values()];
  }

  /** How often something was reported: it rises for what a flow shares with an earlier one, too. */
  get reports(): number {
    return this.#reports;
  }

  /** At a node; `detail` is the node's own text where it is left out. */
  report(name: MistakeName, node: ts.Node, detail = shortText(node)): void {
    const file = node.getSourceFile();
    this.reportAt(name, this.#source.path(node), file, node.getStart(file), detail);
  }

  reportAt(name: MistakeName, path: string, file: ts.SourceFile | undefined, offset: number, detail: string): void {
    const place = `${path}:${offset}`;
    this.#reports += 1;
    if (this.#absent.has(place)) return;
    if (ABSENT.has(name)) this.#absent.add(place);
    const { code, message, fix } = MISTAKES[name];
    const { line, character } = file?.getLineAndCharacterOfPosition(offset) ?? { line: 0, character: 0 };
    this.#found.set(`${code} ${place}`, {
      code,
      file: path,
      line: line + 1,
      column: character + 1,
      message: message.replace("{}", () => detail),
      fix,
      source: file?.text.split(/\r?\n/)[line] ?? "",
    });
  }
}

export function shortText(node: ts.Node): string {
  const text = node.getText().replace(/\s+/g, " ");
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
