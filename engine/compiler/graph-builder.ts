import type { Callee } from "./callee.ts";
import type { Thrown } from "./error-class.ts";
import {
  type Element,
  type Expression,
  NULL,
  list,
  readVariables,
  sameExpression,
  substitute,
  variable,
} from "./expression.ts";
import { type Assignment, type CallNode, type Edge, type Node, type Position, edge, extend } from "./graph.ts";
import { addTagsTask, isBuiltIn } from "./task-declaration.ts";
import type { VariableNames } from "./variable-names.ts";

/** Tags and log lines of the flow on a way that no call has carried yet. */
export interface PendingTags extends Position {
  readonly elements: readonly Element[];
  readonly lines: readonly Element[];
}

/** A way out of what is built so far, whose target comes next. */
export interface OpenEnd {
  readonly edge: Edge;
  readonly tags: PendingTags | undefined;
}

/** Where the errors of a `try` go: the ways to its handler, and the variables that tell it of the error. */
export interface Handler {
  readonly name: string;
  readonly message: string;
  readonly cause: string;
  ends: readonly OpenEnd[];
}

export interface CallSite extends Position {
  readonly role: string;
  readonly callee: Callee;
  readonly indices: readonly Expression[];
  readonly handler: Handler | undefined;
}

/**
 * Builds a graph along the source. Tags stay with the way that added them: they ride in the next call of that way,
 * ways that meet with different tags hand them on in a variable, and `flush` writes those that no call would carry.
 */
export class GraphBuilder {
  ends: readonly OpenEnd[];
  readonly #names: VariableNames;
  readonly #domain: string;

  /** @param domain Its function writes tags that no call carries. */
  constructor(entry: Edge, names: VariableNames, domain: string) {
    this.ends = [{ edge: entry, tags: undefined }];
    this.#names = names;
    this.#domain = domain;
  }

  /** False after `return` and `throw`: what follows is never reached. */
  get reached(): boolean {
    return this.ends.length > 0;
  }

  /** Tags and log lines that the next call of each open way takes along. */
  addTags({ elements, lines, ...place }: PendingTags): void {
    if (elements.length + lines.length === 0) return;
    this.ends = this.ends.map((end) => ({
      ...end,
      tags: {
        ...place,
        elements: [...(end.tags?.elements ?? []), ...elements],
        lines: [...(end.tags?.lines ?? []), ...lines],
      },
    }));
  }

  /** Evaluates what differs each time once, where it stands, and answers the variable that keeps it. */
  keep(wish: string, value: Expression, position: Position): Expression {
    const name = this.#names.fresh(wish);
    // Nothing that comes later may be written on the way that assigns it, or it would be evaluated there once more.
    for (const assigns of [[{ variable: name, value }], []]) {
      const next = edge(assigns);
      const tags = this.place({ kind: "pass", role: wish, next, ...position });
      this.ends = [{ edge: next, tags }];
    }
    return variable(name);
  }

  /** One place to which all open ways lead; folding leaves nothing of it. */
  meet({ role, at, offset }: Position & { readonly role: string }): void {
    const next = edge();
    const tags = this.place({ kind: "pass", role, next, at, offset });
    this.ends = [{ edge: next, tags }];
  }

  assign(name: string, value: Expression): void {
    this.assignAll([{ variable: name, value }]);
  }

  /** At once, against the values before; what is pending keeps these. */
  assignAll(assigns: readonly Assignment[]): void {
    const pending = this.ends.flatMap(({ tags }) => (tags === undefined ? [] : [...tags.elements, ...tags.lines]));
    const reads = readVariables(list(pending), new Set());
    const changed = assigns.map((one) => one.variable).filter((name) => reads.has(name));
    const keep = changed.map((name) => ({ variable: this.#names.fresh(name), value: variable(name) }));
    const kept = new Map(changed.map((name, index) => [name, variable(keep[index]?.variable ?? "")]));
    this.ends = this.ends.map((end) => ({ ...end, tags: end.tags && reading(end.tags, kept) }));
    for (const end of this.ends) extend(end.edge, [...(end.tags === undefined ? [] : keep), ...assigns]);
  }

  /** Leads every open way to the node; the ways out of it are the caller's. Returns the tags that they carry on. */
  place(node: Node): PendingTags | undefined {
    const tags = this.#join();
    for (const end of this.ends) end.edge.to = node;
    this.ends = [];
    return tags;
  }

  /** One call. A domain's task takes the pending tags along, a release leaves them pending; before others they are written. */
  call(site: CallSite, result?: Assignment): CallNode {
    const { callee } = site;
    const leavesTags = callee.kind === "release";
    if (!leavesTags && !carriesTags(callee)) this.flush(site);
    const node = callNode(site);
    const tags = this.place(node);
    if (callee.kind === "task" && tags !== undefined) node.callee = { ...callee, ...carried(tags) };
    if (result !== undefined) node.next.assigns = [result];
    this.#leave(node, site.handler, tags);
    if (leavesTags) this.ends = [{ edge: node.next, tags }];
    return node;
  }

  /** Writes the tags of each way that has some in a state of its own; it stands where it is called, not where they were added. */
  flush({ handler, indices }: Pick<CallSite, "handler" | "indices">): void {
    const clean = this.ends.filter((end) => end.tags === undefined);
    this.ends = this.ends.filter((end) => end.tags !== undefined);
    const tags = this.#join();
    if (tags !== undefined) {
      const task = addTagsTask(this.#domain);
      const { tags: input = list([]), logs } = carried(tags);
      const callee: Callee = { kind: "task", task, input, ...(logs && { logs }) };
      const node = callNode({ ...tags, role: tags.elements.length > 0 ? "add tags" : "log", callee, indices, handler });
      for (const end of this.ends) end.edge.to = node;
      this.#leave(node, handler, tags);
    }
    this.ends = [...this.ends, ...clean];
  }

  /** The way from a failing node to its handler; tags that it was to write are written once more, and safely so. */
  failing(handler: Handler | undefined, tags: PendingTags | undefined): Edge | undefined {
    if (handler === undefined) return undefined;
    const caught = edge(assignsOf(handler, CAUGHT));
    handler.ends = [...handler.ends, { edge: caught, tags }];
    return caught;
  }

  #leave(node: CallNode, handler: Handler | undefined, tags: PendingTags | undefined): void {
    node.caught = this.failing(handler, tags);
    this.ends = [{ edge: node.next, tags: undefined }];
  }

  /** Makes what is pending on all open ways the same, by variables where it differs. */
  #join(): PendingTags | undefined {
    const position = this.ends.find((end) => end.tags !== undefined)?.tags;
    return (
      position && { ...position, elements: this.#joined("elements", "tags"), lines: this.#joined("lines", "logs") }
    );
  }

  #joined(part: "elements" | "lines", wish: string): readonly Element[] {
    const [first = [], ...others] = this.ends.map(({ tags }) => tags?.[part] ?? []);
    if (others.every((other) => sameExpression(list(other), list(first)))) return first;
    const name = this.#names.fresh(wish);
    for (const { edge: way, tags } of this.ends) extend(way, [{ variable: name, value: list(tags?.[part] ?? []) }]);
    return [{ value: variable(name), as: "spread" }];
  }
}

/** What is pending, with other expressions for some variables. */
function reading({ elements, lines, ...place }: PendingTags, values: ReadonlyMap<string, Expression>): PendingTags {
  const read = (element: Element): Element => ({ ...element, value: substitute(element.value, values) });
  return { ...place, elements: elements.map(read), lines: lines.map(read) };
}

export function newHandler(names: VariableNames, wish: string): Handler {
  const [name, message, cause] = ["Name", "Message", "Cause"].map((part) => names.fresh(`${wish}${part}`));
  return { name: name ?? "", message: message ?? "", cause: cause ?? "", ends: [] };
}

const CAUGHT: Thrown = {
  name: { kind: "caught", part: "name" },
  message: { kind: "caught", part: "message" },
  cause: { kind: "caught", part: "cause" },
};

/** How a handler is told of an error. */
export function assignsOf(handler: Handler, { name, message, cause = NULL }: Thrown): Assignment[] {
  return [
    { variable: handler.name, value: name },
    { variable: handler.message, value: message },
    { variable: handler.cause, value: cause },
  ];
}

/** The error that a handler is told of. */
export function toldTo({ name, message, cause }: Handler): Thrown {
  return { name: variable(name), message: variable(message), cause: variable(cause) };
}

/** What a task's payload has of it. */
function carried({ elements, lines }: PendingTags): { readonly tags?: Expression; readonly logs?: Expression } {
  return {
    ...(elements.length > 0 && { tags: list(elements) }),
    ...(lines.length > 0 && { logs: list(lines) }),
  };
}

/** Every domain's function writes the tags that come with a task; Millrace's own functions do not. */
function carriesTags(callee: Callee): boolean {
  return callee.kind === "task" && !isBuiltIn(callee.task);
}

function callNode({ at, offset, role, callee, indices }: CallSite): CallNode {
  return { kind: "call", at, offset, role, callee, indices, next: edge(), caught: undefined };
}
