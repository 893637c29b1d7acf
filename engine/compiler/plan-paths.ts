import { isOutput, stateNodes } from "./emit.ts";
import { type Bound, type Edge, type EachNode, type Node, bodiesOf, exits, reachable, target } from "./graph.ts";

/** What is counted: what one visit of a node counts, and each turn of a Map on top of its states. */
export interface Measure {
  /** On that way out of it, where one is given. */
  own(node: Node, way?: Edge): Amount;
  turn(node: EachNode): number;
  /** The turns of a distributed Map are counted elsewhere: each has a history of its own. */
  readonly apart?: true;
}

/** Lowest and highest. */
export type Amount = number | readonly [low: number, high: number];

/** The least that a run counts which no uncaught error ends. */
export function fewest(entry: Edge, measure: Measure): number {
  const states = stateNodes(entry);
  const known = new Map<Node, number>();
  for (let changed = true; changed;) {
    changed = false;
    for (const node of states) {
      const within = bodiesOf(node).reduce(
        (sum, body) => sum + turnsOf(node, measure, 0) * (fewest(body, measure) + perTurn(node, measure)),
        0,
      );
      const after = ways(node).map((way) => {
        const inside = "next" in node && way === node.next ? within : 0; // an error may leave at the first state
        const behind = isOutput(way) ? 0 : (known.get(target(way)) ?? Infinity);
        return low(measure.own(node, way)) + inside + behind;
      });
      const isEnd = node.kind === "return" || node.kind === "fail";
      const cost = isEnd ? low(measure.own(node)) : Math.min(...after);
      if (cost >= (known.get(node) ?? Infinity)) continue;
      known.set(node, cost);
      changed = true;
    }
  }
  return known.get(target(entry)) ?? 0;
}

/** Which ways are looked at, and how often a loop turns by its bound; Infinity where nothing says so. */
export interface Reading {
  readonly errors: boolean;
  readonly turns: (bound: Bound) => number;
}

/** The most that a run counts on any way; Infinity where a loop has no bound. */
export function most(entry: Edge, measure: Measure, reading: Reading): number {
  const heads = new Map<Bound, Node>();
  for (const node of reachable(entry))
    if (node.kind === "choice" && node.turns !== undefined) heads.set(node.turns, node);
  /** The head of a loop was copied for the way into a machine; both are one here. */
  const one = (node: Node): Node =>
    node.kind === "choice" && node.turns !== undefined ? (heads.get(node.turns) ?? node) : node;
  const costs = new Map<Node, number>();
  const costOf = (node: Node): number => {
    const known = costs.get(node);
    if (known !== undefined) return known;
    const times = turnsOf(node, measure, Infinity, reading);
    const within = bodiesOf(node).reduce(
      (sum, body) => sum + product(times, most(body, measure, reading) + perTurn(node, measure)),
      0,
    );
    costs.set(node, high(measure.own(node)) + within);
    return costOf(node);
  };
  const next = (node: Node): Next[] =>
    ways(node)
      .filter((way) => reading.errors || ("next" in node ? way === node.next : true))
      .map((way) => (isOutput(way) ? END : one(target(way))));
  const region: Region = { next, costOf, turns: reading.turns };
  const all = new Set(reachable(entry).map(one));
  return pathsFrom(one(target(entry)), all, undefined, region).get(END) ?? 0;
}

const END = "end";
type Next = Node | typeof END;

interface Region {
  readonly next: (node: Node) => readonly Next[];
  readonly costOf: (node: Node) => number;
  readonly turns: (bound: Bound) => number;
}

/** The dearest ways from a node to everything outside `inside`, to `cut` when it comes again, and to the end. */
function pathsFrom(start: Node, inside: ReadonlySet<Node>, cut: Node | undefined, region: Region): Map<Next, number> {
  const reached = new Map<Next, number>([[start, 0]]);
  const leave = new Map<Next, number>();
  const relax = (to: Next, cost: number): void => {
    const into = to === END || to === cut || !inside.has(to) ? leave : reached;
    into.set(to, Math.max(into.get(to) ?? 0, cost));
  };
  const within = (node: Node): Node[] =>
    region.next(node).filter((to): to is Node => to !== END && to !== cut && inside.has(to));
  for (const component of components(start, within)) {
    const entries = component.filter((node) => reached.has(node));
    const [node] = entries;
    if (node === undefined) continue;
    const before = Math.max(...entries.map((entry) => reached.get(entry) ?? 0));
    const loops = component.length > 1 || within(node).includes(node);
    const after = loops
      ? loopPaths(node, entries.length, component, region)
      : region.next(node).map((to) => [to, region.costOf(node)] as const);
    const ends = region.next(node).length === 0;
    if (ends) relax(END, before + region.costOf(node));
    for (const [to, cost] of after) relax(to, before + cost);
  }
  return leave;
}

/** All turns of a loop that is entered at one node, and the way out of it. */
function loopPaths(entry: Node, entries: number, component: readonly Node[], region: Region): Map<Next, number> {
  const inside = new Set(component);
  const partial = pathsFrom(entry, inside, entry, region);
  const around = partial.get(entry) ?? 0;
  partial.delete(entry);
  const back = component.filter((node) => region.next(node).includes(entry));
  const { head, cost: begun } = headOf(entry, region);
  const bound = turnsBefore(head);
  const [latch] = back;
  const turns =
    entries > 1 ? undefined : (bound ?? (back.length === 1 && latch !== undefined ? turnsBefore(latch) : undefined));
  const count = turns === undefined ? Infinity : region.turns(turns);
  const paths = [...partial].map(
    ([to, cost]) => [to, product(Math.max(0, count - 1), around) + (count === 0 ? 0 : cost)] as const,
  );
  const found = new Map<Next, number>(paths);
  if (bound === undefined) return found;
  for (const to of region.next(head)) {
    if (to !== END && inside.has(to)) continue;
    found.set(to, Math.max(found.get(to) ?? 0, product(count, around) + begun));
  }
  return found;
}

/** What a turn begins with, behind what only hands on, and the cost of both. */
function headOf(node: Node, region: Region): { readonly head: Node; readonly cost: number } {
  const cost = region.costOf(node);
  if (node.kind !== "pass") return { head: node, cost };
  const behind = headOf(target(node.next), region);
  return { head: behind.head, cost: cost + behind.cost };
}

function turnsBefore(node: Node): Bound | undefined {
  return node.kind === "choice" ? node.turns : undefined;
}

/** Strongly connected components (Tarjan), each before those that it leads to. */
function components(start: Node, next: (node: Node) => readonly Node[]): Node[][] {
  const order = new Map<Node, number>();
  const lowest = new Map<Node, number>();
  const stack: Node[] = [];
  const found: Node[][] = [];
  const visit = (node: Node): void => {
    order.set(node, order.size);
    lowest.set(node, order.get(node) ?? 0);
    stack.push(node);
    for (const to of next(node)) {
      if (!order.has(to)) visit(to);
      else if (!stack.includes(to)) continue;
      lowest.set(node, Math.min(lowest.get(node) ?? 0, lowest.get(to) ?? 0));
    }
    if (lowest.get(node) === order.get(node)) found.push(stack.splice(stack.indexOf(node)));
  };
  visit(start);
  return found.reverse();
}

/** The call that ends a wait which has timed out always fails. */
function ways(node: Node): readonly Edge[] {
  const fails = node.kind === "call" && node.callee.kind === "release" && node.callee.timedOut === true;
  return fails ? exits(node).filter((exit) => exit !== node.next) : exits(node);
}

/** How often each body of a node runs; the elements of a list that the source spells out are counted. */
function turnsOf(node: Node, measure: Measure, unknown: number, reading?: Reading): number {
  if (node.kind !== "each") return 1;
  const { items, bound, distributed } = node;
  if (distributed !== undefined && measure.apart === true) return 0;
  if (items.kind === "constant" && Array.isArray(items.value)) return items.value.length;
  if (items.kind === "array" && items.elements.every((element) => element.as !== "spread"))
    return items.elements.length;
  return reading === undefined ? unknown : reading.turns(bound);
}

function perTurn(node: Node, measure: Measure): number {
  return node.kind === "each" ? measure.turn(node) : 0;
}

function low(amount: Amount): number {
  return typeof amount === "number" ? amount : amount[0];
}

function high(amount: Amount): number {
  return typeof amount === "number" ? amount : amount[1];
}

/** Of no cost there is none, however often. */
function product(times: number, cost: number): number {
  return cost === 0 || times === 0 ? 0 : times * cost;
}
