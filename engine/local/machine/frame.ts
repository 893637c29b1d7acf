import type { Answer } from "../../coordination/world.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import type { Step } from "../../model/run.ts";
import type { Clock } from "../../model/clock.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import { Chance, type ChanceSource } from "./chance.ts";
import type { ExecutionContext } from "./context.ts";
import type { PreparedBranch } from "./definition.ts";
import type { Lane } from "./lane.ts";
import { exitsOf, follow, leave, NO_PROGRESS, type Exit, type Past, type Position } from "./past.ts";

/** One call of a Task state. `arguments` is a copy that the call may change. */
export interface TaskCall {
  readonly resource: string;
  readonly arguments: Json;
  readonly state: string;
  readonly frame: string;
  /** What the state waits under, where it waits for an answer. */
  readonly token?: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** Aborts where the machine does not wait for the result any longer. */
  readonly signal: AbortSignal;
}

export interface MachineHost extends ChanceSource {
  /**
   * A Task state's integration; for `lambda:invoke` it answers `{ Payload, StatusCode: 200 }`. What it answers must be
   * JSON that nobody changes later. The `name` of an Error that it throws is the state's error.
   */
  call(call: TaskCall): Promise<Json>;
  readonly callbacks: Callbacks;
  /** A new one for each frame, which is told by its path; without it frames share the host's clock. */
  lane?(frame: string): Lane;
}

/** Tokens that states wait under, and the answers to them. Both outlive the process. */
export interface Callbacks {
  /** From here on the token may be answered, before that moment; nothing happens where it was opened before. */
  open(token: string, until: number | undefined): Promise<void>;
  /** The answer that has come. */
  answerTo(token: string): Answer | undefined;
  /** The answer when it comes. @throws the signal's reason */
  wait(token: string, signal: AbortSignal): Promise<Answer>;
  /** From here on nobody can answer. Answers what came before. */
  close(token: string): Promise<Answer | undefined>;
  /** The journal has what the answer led to. */
  forget(token: string): void;
}

/** What all frames of one execution share. */
export interface Execution {
  readonly host: MachineHost;
  readonly journal: Journal;
  readonly observe: ((step: Step) => void) | undefined;
  /** Stops all frames. */
  readonly signal: AbortSignal;
  /** Aborts that. */
  stop(reason: unknown): void;
  /** Walks an inner frame to its end and answers its output. */
  walk(frame: Frame): Promise<Json>;
}

export interface FrameStart {
  /** Empty for the execution itself. */
  readonly path: string;
  /** Follows a step's name: the indices of the Maps around, `[3]`. */
  readonly suffix: string;
  readonly branch: PreparedBranch;
  readonly input: Json;
  readonly context: ExecutionContext;
  /** Variables of the scope around; they may be read, not assigned. */
  readonly outer: { readonly [name: string]: Json } | null;
  readonly past: Past;
  readonly signal: AbortSignal;
}

/** A scope of variables with its own walk through states: the execution, a branch of a Parallel or an item of a Map. */
export class Frame {
  readonly execution: Execution;
  readonly path: string;
  readonly suffix: string;
  readonly branch: PreparedBranch;
  readonly context: ExecutionContext;
  readonly past: Past;
  readonly signal: AbortSignal;
  readonly lane: Lane | undefined;
  readonly chance: Chance;
  readonly variables: { [name: string]: Json };
  position: Position;
  /** States left since the last entry. */
  exits: Exit[] = [];
  /** Tokens whose answers the next entry has. */
  answered: string[] = [];
  /** Settles with the last entry. */
  written: Promise<void> = Promise.resolve();

  constructor(execution: Execution, { path, suffix, branch, input, context, outer, past, signal }: FrameStart) {
    this.execution = execution;
    this.path = path;
    this.suffix = suffix;
    this.branch = branch;
    this.context = context;
    this.past = past;
    this.signal = signal;
    this.lane = execution.host.lane?.(path);
    this.chance = new Chance(execution.host);
    this.variables = Object.create(outer) as { [name: string]: Json };
    this.position = past.entries.reduce(follow, { state: branch.startAt, input, progress: NO_PROGRESS });
    for (const exit of past.entries.flatMap(exitsOf)) Object.assign(this.variables, exit.assign);
  }

  get clock(): Clock {
    return this.lane ?? this.execution.host.clock;
  }

  now(): number {
    return this.clock.now();
  }

  leave(exit: Exit): void {
    this.exits.push(exit);
    Object.assign(this.variables, exit.assign);
    this.position = leave(this.position, exit);
  }

  /**
   * Appends an entry that carries the states left so far. It need not be waited for before states that act on nothing;
   * before anything is called, `written` must be. @throws the signal's reason: a stopped frame records nothing but
   * its end
   */
  record(kind: JournalEntry["kind"], state: string | undefined, data: JsonObject): void {
    if (kind !== "ended") this.signal.throwIfAborted();
    const exits = this.exits.length === 0 ? {} : { exits: this.exits };
    const named = state === undefined ? {} : { state };
    const entry = { frame: this.path, kind, ...named, at: this.now(), data: { ...exits, ...data } };
    this.exits = [];
    this.chance.used = false;
    this.written = this.execution.journal.append(entry);
    this.written.catch((reason: unknown) => this.execution.stop(reason));
    if (this.answered.length > 0) this.#forget(this.answered.splice(0));
  }

  #forget(answered: readonly string[]): void {
    const { callbacks } = this.execution.host;
    this.written.then(
      () => answered.forEach((token) => callbacks.forget(token)),
      () => undefined,
    );
  }
}
