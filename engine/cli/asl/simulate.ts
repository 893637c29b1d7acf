import { randomUUID } from "node:crypto";
import type { Json } from "../../model/json.ts";
import type { StateMachine } from "../../model/machine.ts";
import { javaRandom } from "../../local/jsonata/java-random.ts";
import { StateFailed, StatesError } from "../../local/machine/failure.ts";
import type { Callbacks } from "../../local/machine/frame.ts";
import { framePathParts } from "../../local/machine/past.ts";
import { runMachine, type MachineHost, type Outcome, type TaskCall } from "../../local/machine/machine.ts";
import type { Lane } from "../../local/machine/lane.ts";
import type { Answers } from "./answers.ts";
import { FrameHistory, type Call } from "./history.ts";
import { Turns } from "./turns.ts";

/** How an execution ended, what it called, and its history as Step Functions keeps it, that of the end apart. */
export type Simulation = Outcome & { readonly calls: readonly Call[]; readonly events: readonly string[] };

const NAME = "simulation";
const START = Date.UTC(2026, 0, 1);
/** With the event of the end. */
const LARGEST_HISTORY = 25_000;

/** Runs a state machine on its own, in virtual time. @throws MillraceError where a call has no answer */
export async function simulate(definition: StateMachine, input: Json, answers: Answers): Promise<Simulation> {
  const simulator = new Simulator(answers);
  const { turns, host, stopped } = simulator;
  const start = {
    execution: `arn:aws:states:us-east-1:123456789012:execution:${NAME}:${NAME}`,
    name: NAME,
    machine: { name: NAME, definition },
    input,
    startedAt: START,
  };
  const journal = { past: [], append: () => Promise.resolve() };
  const execution = runMachine(start, journal, host, stopped.signal).catch(outcomeOf);
  return { ...(await turns.settle(execution)), ...simulator.record() };
}

/** The outcome of an execution that was stopped for its history. */
function outcomeOf(reason: unknown): Outcome {
  if (reason instanceof StateFailed) return { status: "FAILED", ...reason.failure };
  throw reason;
}

class Simulator {
  readonly turns = new Turns(START);
  readonly stopped = new AbortController();
  readonly #answers: Answers;
  readonly #root = new FrameHistory();
  readonly #frames = new Map([["", this.#root]]);
  readonly #tokens = new Map<string, TaskCall>();

  constructor(answers: Answers) {
    this.#answers = answers;
  }

  get host(): MachineHost {
    return {
      clock: this.turns,
      random: javaRandom(0),
      uuid: randomUUID,
      call: (call) => this.#call(call),
      callbacks: this.#callbacks,
      lane: (frame) => this.#lane(frame),
    };
  }

  record(): Pick<Simulation, "calls" | "events"> {
    const entries = this.#root.entries();
    return {
      calls: entries.flatMap(({ call }) => (call === undefined ? [] : [call])),
      events: entries.flatMap(({ event }) => (event === undefined ? [] : [event])),
    };
  }

  #lane(frame: string): Lane {
    const outer = framePathParts(frame).length === 0 ? undefined : frame.replace(/(^|\/)[^/]*$/, "");
    const history = outer === undefined ? this.#root : (this.#frames.get(outer) ?? this.#root).inner();
    this.#frames.set(frame, history);
    const clock = this.turns.of(frame);
    return {
      now: () => this.turns.now(),
      sleep: (milliseconds, signal) => clock.sleep(milliseconds, signal),
      tell: (event) => {
        this.turns.stir();
        const id = history.add({ at: this.turns.now(), event });
        if (id >= LARGEST_HISTORY - 1) this.stopped.abort(new StateFailed(TOO_LONG));
        return id;
      },
    };
  }

  async #call(call: TaskCall): Promise<Json> {
    const { state, resource, arguments: given, frame, token } = call;
    this.#frames.get(frame)?.add({ at: this.turns.now(), call: { state, resource, arguments: given } });
    if (token === undefined) return this.#answer(call);
    this.#tokens.set(token, call);
    return null;
  }

  async #answer({ state, frame, signal }: TaskCall): Promise<Json> {
    const answer = this.#next(state);
    if (answer.delaySeconds !== undefined) {
      await this.turns.of(frame).sleep(answer.delaySeconds * 1000, signal, false);
    }
    if ("result" in answer) return answer.result;
    throw new StateFailed({ error: answer.error, ...(answer.cause === undefined ? {} : { cause: answer.cause }) });
  }

  #next(state: string): ReturnType<Answers["next"]> {
    try {
      return this.#answers.next(state);
    } catch (thrown) {
      this.stopped.abort(thrown);
      throw thrown;
    }
  }

  /** The entry of a state that waits for an answer to its token is that answer. */
  readonly #callbacks: Callbacks = {
    open: () => Promise.resolve(),
    answerTo: () => undefined,
    close: () => Promise.resolve(undefined),
    forget: () => undefined,
    wait: async (token, signal) => {
      const call = this.#tokens.get(token);
      if (call === undefined) throw new Error(`Nothing was called with token ${token}.`);
      return { output: await this.#answer({ ...call, signal }) };
    },
  };
}

const TOO_LONG = {
  error: StatesError.RUNTIME,
  cause: `The execution reached the maximum number of history events (${LARGEST_HISTORY}).`,
};
