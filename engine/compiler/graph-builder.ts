import { type Element, type Expression, list, sameExpression, variable } from "./expression.ts";
import { type CallNode, type Edge, type Node, type Position, edge, extend } from "./graph.ts";
import { type TaskDeclaration, addTagsTask } from "./task-declaration.ts";
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
  readonly task: TaskDeclaration;
  readonly input: Expression;
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

  /** One call; its answer is in the variable afterwards. */
  call(site: CallSite, result?: string): void {
    const node = this.#callNode(site, site.task.name);
    const tags = this.place(node);
    if (tags !== undefined) node.tags = list(tags.elements);
    if (result !== undefined) node.next.assigns = [{ variable: result, value: { kind: "result" } }];
    this.#leave(node, site.handler, tags);
  }

  /** Writes the tags of each way that has some in a state of its own. */
  flush(handler: Handler | undefined): void {
    const clean = this.ends.filter((end) => end.tags === undefined);
    this.ends = this.ends.filter((end) => end.tags !== undefined);
    const tags = this.#join();
    if (tags !== undefined) {
      const site = { ...tags, task: addTagsTask(this.#domain), input: list(tags.elements), handler };
      const node = this.#callNode(site, "add tags");
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

  #callNode({ at, offset, task, input, indices }: CallSite, role: string): CallNode {
    return { kind: "call", at, offset, role, task, input, tags: undefined, indices, next: edge(), caught: undefined };
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
