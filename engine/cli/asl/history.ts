import type { Json } from "../../model/json.ts";

/** A call of a task. */
export interface Call {
  readonly state: string;
  readonly resource: string;
  readonly arguments: Json;
}

interface Entry {
  readonly at: number;
  readonly event?: string;
  readonly call?: Call;
}

/** The branches or items of one visit to a state; those of a distributed Map are executions with histories of their own. */
interface Group {
  readonly areExecutions: boolean;
  readonly frames: FrameHistory[];
}

/** What one frame did, in its order, with what the branches or items of its states did where they did it. */
export class FrameHistory {
  readonly #parts: (Entry | Group)[] = [];
  /** The outermost frame of the same execution. */
  readonly #execution: FrameHistory;
  /** That the execution started is the first. */
  #events = 1;

  constructor(execution?: FrameHistory) {
    this.#execution = execution ?? this;
  }

  /** Answers how many events the execution has so far. */
  add(entry: Entry): number {
    this.#parts.push(entry);
    if (entry.event !== undefined) this.#execution.#events++;
    return this.#execution.#events;
  }

  /** That of one more branch or item of the state that this frame is in. */
  inner(): FrameHistory {
    const group = this.#group();
    const inner = new FrameHistory(group.areExecutions ? undefined : this.#execution);
    group.frames.push(inner);
    return inner;
  }

  #group(): Group {
    const last = this.#parts.at(-1);
    if (last !== undefined && "frames" in last) return last;
    const group: Group = { areExecutions: last?.event === "MapRunStarted", frames: [] };
    this.#parts.push(group);
    return group;
  }

  /** Everything in the order of virtual time, and of branches and items where that is the same. */
  entries(): Entry[] {
    return this.#parts.flatMap((part) => {
      if (!("frames" in part)) return [part];
      const inner = part.frames.flatMap((frame) => frame.entries()).sort((left, right) => left.at - right.at);
      return part.areExecutions ? inner.filter(({ call }) => call !== undefined) : inner;
    });
  }
}
