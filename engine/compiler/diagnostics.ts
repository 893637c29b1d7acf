import type ts from "typescript";
import type { Diagnostic } from "../model/compiled.ts";
import { type Strength, follows, strength } from "./consequence.ts";
import { MISTAKES, type MistakeName } from "./mistakes.ts";
import type { Source } from "./source.ts";

interface Report {
  readonly name: MistakeName;
  /** Absent where no node was told to be wrong. */
  readonly node: ts.Node | undefined;
  readonly place: string;
  readonly diagnostic: Diagnostic;
}

/** Collects diagnostics; the same mistake at the same place is kept once. */
export class Diagnostics {
  readonly #reports = new Map<string, Report>();
  #count = 0;
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  /** One for each mistake, in the order of the source: what only follows from another one is left out. */
  get found(): readonly Diagnostic[] {
    const reports = [...this.#reports.values()];
    const strongest = new Map<ts.Node | string, Strength>();
    for (const { name, node, place } of reports) {
      for (const key of node === undefined ? [place] : [place, node]) {
        if (strength(name) >= (strongest.get(key) ?? 0)) strongest.set(key, strength(name));
      }
    }
    const reported = (part: ts.Node): Strength | undefined =>
      strongest.get(this.#place(part)) === 3 ? 3 : strongest.get(part);
    return reports
      .filter(({ name, place }) => strength(name) === strongest.get(place))
      .filter(({ node }) => node === undefined || !follows(this.#source, node, reported))
      .map(({ diagnostic }) => diagnostic)
      .sort(inOrder);
  }

  /** How often something was reported: it rises for what a flow shares with an earlier one, too. */
  get reports(): number {
    return this.#count;
  }

  /** At a node; `detail` is the node's own text where it is left out. */
  report(name: MistakeName, node: ts.Node, detail = shortText(node)): void {
    const file = node.getSourceFile();
    this.#add(name, this.#source.path(node), file, node.getStart(file), detail, node);
  }

  reportAt(name: MistakeName, path: string, file: ts.SourceFile | undefined, offset: number, detail: string): void {
    this.#add(name, path, file, offset, detail);
  }

  #place(node: ts.Node): string {
    return `${this.#source.path(node)}:${node.getStart(node.getSourceFile())}`;
  }

  #add(
    name: MistakeName,
    path: string,
    file: ts.SourceFile | undefined,
    offset: number,
    detail: string,
    node?: ts.Node,
  ): void {
    const place = `${path}:${offset}`;
    this.#count += 1;
    const { code, message, fix } = MISTAKES[name];
    const { line, character } = file?.getLineAndCharacterOfPosition(offset) ?? { line: 0, character: 0 };
    const diagnostic = {
      code,
      file: path,
      line: line + 1,
      column: character + 1,
      message: message.replace("{}", () => detail),
      fix,
      source: file?.text.split(/\r?\n/)[line] ?? "",
    };
    this.#reports.set(`${code} ${place}`, { name, node, place, diagnostic });
  }
}

function inOrder(left: Diagnostic, right: Diagnostic): number {
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  return left.line - right.line || left.column - right.column;
}

export function shortText(node: ts.Node): string {
  const text = node.getText().replace(/\s+/g, " ");
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
