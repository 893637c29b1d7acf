import type { Json, JsonObject } from "../../model/json.ts";
import { expressionIn, type Compiled, type Evaluation } from "../jsonata/expression.ts";
import { derivedId } from "./context.ts";
import type { PreparedState, Results } from "./definition.ts";
import { inState, type EvaluationFailed, type Failure, type StateFailed } from "./failure.ts";
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
  /** What the attempt sent. */
  called: Json | undefined;
  /** What the attempt waits under, where it waits for an answer. */
  callback: Callback | undefined;
  /** When the attempt began. */
  from: number;
  step: string;
  /** The id of the event of its entry, where somebody numbers them. */
  readonly #event: number | undefined;

  constructor(frame: Frame, state: PreparedState, event?: number) {
    const { entered, retriers, until, given, callback } = frame.position.progress;
    this.frame = frame;
    this.state = state;
    this.#event = event;
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
    const { chance, variables } = this.frame;
    const token = this.#token();
    const states = {
      input: this.input,
      context: {
        ...this.frame.context,
        State: this.#context(),
        ...(token === undefined ? {} : { Task: { Token: token } }),
        ...context,
      },
      ...more,
    };
    return { variables, states, chance };
  }

  /** A Task that waits for what it began has a token too, though nobody is told it. */
  #token(): string | undefined {
    const { callback, frame, state, entered, attempt } = this;
    if (callback !== undefined || !state.isSync) return callback?.token;
    return derivedId(frame.context.Execution.Id, frame.path, state.name, String(entered), String(attempt));
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

  /** The JSONata that stands under a path of the state, as in `Choices[0]/Condition`. */
  textOf(path: string): string | undefined {
    const keys = path.split(/[/[\]]+/).filter((key) => key !== "");
    let part: Json | undefined = this.state.definition as unknown as Json;
    for (const key of keys) part = (part as JsonObject | undefined)?.[key];
    return typeof part === "string" ? expressionIn(part) : undefined;
  }

  /** What the state fails with where it cannot be evaluated. */
  notEvaluated({ failure }: EvaluationFailed): StateFailed {
    this.frame.lane?.tell("EvaluationFailed");
    return this.located(failure);
  }

  /** The failure with the state and its entry in the cause. */
  located(failure: Failure): StateFailed {
    return inState(this.state.name, this.#event, failure);
  }

  /** Assign and Output, both read before either takes effect. */
  async results({ assign, output }: Results, more?: JsonObject): Promise<Pick<Exit, "assign" | "output">> {
    if (assign === undefined && output === undefined) return {};
    const evaluation = this.evaluation(more);
    const { name } = this.state;
    const assigned = assign === undefined ? undefined : ((await assign(evaluation)) as JsonObject);
    const given = output === undefined ? undefined : await output(evaluation);
    return {
      ...(assigned === undefined ? {} : { assign: withinLimit(assigned, name) }),
      ...(given === undefined ? {} : { output: withinLimit(given, name) }),
    };
  }

  /** Called when the attempt's work begins. */
  begin(): void {
    const { observe } = this.frame.execution;
    observe?.(runningStep(this.state.definition, this.step, this.attempt, this.from));
  }

  exit(parts: Omit<Partial<Exit>, "state" | "from" | "to">): Exit {
    const { state, from, attempt, step, frame, called } = this;
    const exit: Exit = {
      state: state.name,
      from,
      to: frame.now(),
      ...(attempt === 1 ? {} : { attempt }),
      ...(step === state.name ? {} : { step }),
      ...(called === undefined ? {} : { called }),
      ...parts,
    };
    frame.execution.observe?.(exitStep(state.definition, exit));
    return exit;
  }

  /** Records a failed attempt that will be made again. */
  retry(failure: Failure, { retrier, milliseconds }: Retry): void {
    const { entered, from, attempt, state, step, frame, called } = this;
    const now = frame.now();
    const sent = { ...(step === state.name ? {} : { step }), ...(called === undefined ? {} : { called }) };
    const failed: FailedAttempt = { entered, from, attempt, retrier, until: now + milliseconds, ...sent, ...failure };
    frame.record("failed", state.name, failed);
    frame.execution.observe?.(attemptStep(state.definition, state.name, failed, now));
    this.retriers.push(retrier);
    this.until = failed.until;
    this.callback = undefined;
    this.called = undefined;
  }
}
