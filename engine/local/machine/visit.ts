import { isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import type { Compiled, Evaluation } from "../jsonata/expression.ts";
import type { PreparedState, Results } from "./definition.ts";
import { queryFailure, type Failure } from "./failure.ts";
import type { Frame } from "./frame.ts";
import type { Retry } from "./retry.ts";
import { withinLimit } from "./limit.ts";
import type { Callback, Exit, FailedAttempt } from "./past.ts";
import { attemptStep, exitStep, runningStep } from "./steps.ts";

/** One visit to a state, from its entry to its exit, with all its attempts. */
export class Visit {
  readonly frame: Frame;
  readonly state: PreparedState;
  readonly input: Json;
  readonly entered: number;
  /** The retriers that took the failures so far. */
  readonly retriers: number[];
  /** The end of a wait or of the pause before the next attempt. */
  until: number | undefined;
  /** What the next attempt is given, where that is recorded. */
  given: Json | undefined;
  /** What the attempt waits under, where it waits for an answer. */
  callback: Callback | undefined;
  /** When the attempt began. */
  from: number;
  step: string;

  constructor(frame: Frame, state: PreparedState) {
    const { entered, retriers, until, given, callback } = frame.position.progress;
    this.frame = frame;
    this.state = state;
    this.input = frame.position.input;
    this.entered = entered ?? frame.now();
    this.retriers = [...retriers];
    this.until = until;
    this.given = given;
    this.callback = callback;
    this.from = callback?.from ?? this.entered;
    this.step = callback?.step ?? state.name + frame.suffix;
  }

  get attempt(): number {
    return this.retriers.length + 1;
  }

  /** Where the state leads when it has neither chosen nor failed. */
  get onward(): Pick<Exit, "next"> {
    return this.state.next === undefined ? {} : { next: this.state.next };
  }

  /** What an expression of this state reads; `more` are members of `$states`, `context` those of its context. */
  evaluation(more?: JsonObject, context?: JsonObject): Evaluation {
    const { chance, variables, execution } = this.frame;
    const task = this.callback && { Task: { Token: this.callback.token } };
    const states = {
      input: this.input,
      context: { ...execution.context, State: this.#context(), ...task, ...context },
      ...more,
    };
    return { variables, states, chance };
  }

  #context(): JsonObject {
    const { entered, retriers, state } = this;
    const { chance } = this.frame;
    return {
      get EnteredTime() {
        chance.used = true;
        return new Date(entered).toISOString();
      },
      Name: state.name,
      ...(state.acts ? { RetryCount: retriers.length } : {}),
    };
  }

  async evaluate(field: Compiled | undefined): Promise<Json | undefined> {
    return field?.(this.evaluation());
  }

  /** Assign and Output, both read before either takes effect. */
  async results({ assign, output }: Results, more?: JsonObject): Promise<Pick<Exit, "assign" | "output">> {
    if (assign === undefined && output === undefined) return {};
    const evaluation = this.evaluation(more);
    const name = JSON.stringify(this.state.name);
    const assigned = assign === undefined ? undefined : await assign(evaluation);
    const given = output === undefined ? undefined : await output(evaluation);
    if (assigned !== undefined && !isJsonObject(assigned)) throw queryFailure(`Assign of state ${name} is no object`);
    return {
      ...(assigned === undefined ? {} : { assign: withinLimit(assigned, `Assign of state ${name}`) }),
      ...(given === undefined ? {} : { output: withinLimit(given, `Output of state ${name}`) }),
    };
  }

  /** Called when the attempt's work begins. */
  begin(): void {
    const { observe } = this.frame.execution;
    observe?.(runningStep(this.state.definition, this.step, this.attempt, this.from));
  }

  exit(parts: Omit<Partial<Exit>, "state" | "from" | "to">): Exit {
    const { state, from, attempt, step, frame } = this;
    const exit: Exit = {
      state: state.name,
      from,
      to: frame.now(),
      ...(attempt === 1 ? {} : { attempt }),
      ...(step === state.name ? {} : { step }),
      ...parts,
    };
    frame.execution.observe?.(exitStep(state.definition, exit));
    return exit;
  }

  /** Records a failed attempt that will be made again. */
  retry(failure: Failure, { retrier, milliseconds }: Retry): void {
    const { entered, from, attempt, state, step, frame } = this;
    const now = frame.now();
    const named = step === state.name ? {} : { step };
    const failed: FailedAttempt = { entered, from, attempt, retrier, until: now + milliseconds, ...named, ...failure };
    frame.record("failed", state.name, failed);
    frame.execution.observe?.(attemptStep(state.definition, state.name, failed, now));
    this.retriers.push(retrier);
    this.until = failed.until;
    this.callback = undefined;
  }
}
