import { StateFailed, StatesError } from "./failure.ts";
import type { Frame } from "./frame.ts";
import type { Lane } from "./lane.ts";
import type { Visit } from "./visit.ts";

/** Tells a host that listens what the branches of a Parallel, or the items of a Map, came to. */
export class Witness {
  readonly #lane: Lane | undefined;
  readonly #kind: "branches" | "items" | "children";
  /** What has begun and not ended, by number. */
  readonly #open = new Map<number, Frame>();
  #failed: { readonly frame: Frame; readonly index: number } | undefined;

  constructor({ frame, state }: Visit) {
    this.#lane = frame.lane;
    this.#kind = state.definition.Type === "Parallel" ? "branches" : state.isDistributed ? "children" : "items";
    this.#lane?.tell(`${state.definition.Type}StateStarted`);
    if (this.#kind === "children") this.#lane?.tell("MapRunStarted");
  }

  async watch<T>(frame: Frame, index: number, work: () => Promise<T>): Promise<T> {
    if (this.#lane === undefined) return work();
    const isItem = this.#kind === "items";
    if (isItem) frame.lane?.tell("MapIterationStarted");
    this.#open.set(index, frame);
    try {
      const value = await work();
      if (isItem) frame.lane?.tell("MapIterationSucceeded");
      this.#open.delete(index);
      return value;
    } catch (thrown) {
      const isTold = thrown instanceof StateFailed && thrown.failure.error !== StatesError.RUNTIME;
      if (isTold) this.#failed ??= { frame, index };
      throw thrown;
    }
  }

  succeeded(): void {
    if (this.#kind === "children") this.#lane?.tell("MapRunSucceeded");
  }

  /** The one that failed first, then those that are stopped for it. */
  failed(): void {
    if (this.#kind === "children") this.#lane?.tell("MapRunFailed");
    if (this.#failed === undefined) return;
    const { frame, index } = this.#failed;
    this.#open.delete(index);
    this.#abort("Failed", frame);
    for (const [, other] of [...this.#open].sort(([left], [right]) => left - right)) this.#abort("Aborted", other);
  }

  #abort(end: "Failed" | "Aborted", { position, branch }: Frame): void {
    if (this.#kind === "items") this.#lane?.tell(`MapIteration${end}`);
    const state = branch.states.get(position.state ?? position.failed?.state ?? "");
    if (state === undefined || (end === "Failed" && state.definition.Type !== "Task")) return;
    this.#lane?.tell(`${state.definition.Type}StateAborted`);
  }
}
