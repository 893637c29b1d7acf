import type { Callee } from "./callee.ts";
import { type Element, type Expression, list, sameExpression, variable } from "./expression.ts";
import { type Assignment, type CallNode, type Edge, type Node, type Position, edge, extend } from "./graph.ts";
import { addTagsTask, isBuiltIn } from "./task-declaration.ts";
import type { VariableNames } from "./variable-names.ts";

/** Tags that the flow added on a way, and that no call has carried yet. */
export interface PendingTags extends Position {
  readonly elements: readonly Element[];
  /** The index of each loop around the place that added them. */
  readonly indices: readonly Expression[];
}

/** A way out of what is built so far, whose target comes next. */
export interface OpenEnd {
  readonly edge: Edge;
  readonly tags: PendingTags | undefined;
}

/** Where the errors of a `try` go: the ways to its handler, and the variables that tell it name and message. */
export interface Handler {
  readonly name: string;
  readonly message: string;
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

  addTags({ elements, ...place }: PendingTags): void {
    if (elements.length === 0) return;
    this.ends = this.ends.map((end) => ({
      ...end,
      tags: { ...place, elements: [...(end.tags?.elements ?? []), ...elements] },
    }));
  }

  assign(name: string, value: Expression): void {
    for (const end of this.ends) extend(end.edge, [{ variable: name, value }]);
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
    if (!leavesTags && !carriesTags(callee)) this.flush(site.handler);
    const node = callNode(site);
    const tags = this.place(node);
    if (callee.kind === "task" && tags !== undefined) node.callee = { ...callee, tags: list(tags.elements) };
    if (result !== undefined) node.next.assigns = [result];
    this.#leave(node, site.handler, tags);
    if (leavesTags) this.ends = [{ edge: node.next, tags }];
    return node;
  }

  /** Writes the tags of each way that has some in a state of its own. */
  flush(handler: Handler | undefined): void {
    const clean = this.ends.filter((end) => end.tags === undefined);
    this.ends = this.ends.filter((end) => end.tags !== undefined);
    const tags = this.#join();
    if (tags !== undefined) {
      const callee: Callee = { kind: "task", task: addTagsTask(this.#domain), input: list(tags.elements) };
      const node = callNode({ ...tags, role: "add tags", callee, handler });
      for (const end of this.ends) end.edge.to = node;
      this.#leave(node, handler, tags);
    }
    this.ends = [...this.ends, ...clean];
  }

  /** The way from a failing node to its handler; tags that it was to write are written once more, and safely so. */
  failing(handler: Handler | undefined, tags: PendingTags | undefined): Edge | undefined {
    if (handler === undefined) return undefined;
    const caught = edge([
      { variable: handler.name, value: { kind: "caught", part: "name" } },
      { variable: handler.message, value: { kind: "caught", part: "message" } },
    ]);
    handler.ends = [...handler.ends, { edge: caught, tags }];
    return caught;
  }

  #leave(node: CallNode, handler: Handler | undefined, tags: PendingTags | undefined): void {
    node.caught = this.failing(handler, tags);
    this.ends = [{ edge: node.next, tags: undefined }];
  }

  /** Makes the tags of all open ways the same, by a variable where they differ. */
  #join(): PendingTags | undefined {
    const [first, ...others] = this.ends;
    const elements = list(first?.tags?.elements ?? []);
    if (others.every((end) => sameExpression(list(end.tags?.elements ?? []), elements))) return first?.tags;
    const name = this.#names.fresh("tags");
    for (const end of this.ends) extend(end.edge, [{ variable: name, value: list(end.tags?.elements ?? []) }]);
    const position = this.ends.find((end) => end.tags !== undefined)?.tags;
    return position && { ...position, elements: [{ value: variable(name), as: "spread" }] };
  }
}

/** Every domain's function writes the tags that come with a task; Millrace's own functions do not. */
function carriesTags(callee: Callee): boolean {
  return callee.kind === "task" && !isBuiltIn(callee.task);
}

function callNode({ at, offset, role, callee, indices }: CallSite): CallNode {
  return { kind: "call", at, offset, role, callee, indices, next: edge(), caught: undefined };
}
