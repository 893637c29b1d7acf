import fc from "fast-check";
import type { JsonObject } from "../../../engine/model/json.ts";
import type { Branch, State, StateMachine } from "../../../engine/model/machine.ts";
import { LAMBDA, machine, named, task, type Tasks } from "./trial.ts";

/** A piece of a flow; pieces follow one another. */
type Piece =
  | {
      readonly kind: "task";
      readonly failures: number;
      readonly retries: number;
      readonly isCaught: boolean;
      readonly waits: boolean;
    }
  | { readonly kind: "pass" | "wait" }
  | { readonly kind: "loop"; readonly turns: number; readonly body: readonly Piece[] }
  | { readonly kind: "map"; readonly items: number; readonly atOnce: number; readonly body: readonly Piece[] }
  | { readonly kind: "parallel"; readonly branches: readonly (readonly Piece[])[]; readonly isCaught: boolean };

function flows(atOnce: number): fc.Arbitrary<readonly Piece[]> {
  return fc.letrec<{ pieces: readonly Piece[]; piece: Piece }>((tie) => ({
    pieces: fc.array(tie("piece"), { minLength: 1, maxLength: 3 }),
    piece: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.record({
        kind: fc.constant("task" as const),
        failures: fc.nat(2),
        retries: fc.nat(2),
        isCaught: fc.boolean(),
        waits: fc.boolean(),
      }),
      fc.record({ kind: fc.constantFrom("pass" as const, "wait" as const) }),
      fc.record({ kind: fc.constant("loop" as const), turns: fc.nat(2), body: tie("pieces") }),
      fc.record({
        kind: fc.constant("map" as const),
        items: fc.nat(3),
        atOnce: fc.integer({ min: 1, max: atOnce }),
        body: tie("pieces"),
      }),
      fc.record({
        kind: fc.constant("parallel" as const),
        branches: fc.array(tie("pieces"), { minLength: 1, maxLength: atOnce }),
        isCaught: fc.boolean(),
      }),
    ),
  })).pieces;
}

export interface RandomMachine {
  readonly definition: StateMachine;
  readonly tasks: Tasks;
}

/** A machine whose outcome depends on nothing but itself, with at most so many branches at once in a Map or Parallel. */
export const randomMachine = (atOnce: number): fc.Arbitrary<RandomMachine> => flows(atOnce).map(toMachine);

function toMachine(flow: readonly Piece[]): RandomMachine {
  const tasks: { [state: string]: Tasks[string] } = {};
  let count = 0;
  const branch = (body: readonly Piece[]): Branch => {
    const states: { [name: string]: State } = {};
    const variables: string[] = [];
    const end = `end ${++count}`;
    const StartAt = body.reduceRight((next, piece) => emit(piece, next), end);
    const reads = variables.map((name) => [name, `{% $exists($${name}) ? $${name} : null %}`]);
    states[end] = {
      Type: "Succeed",
      Output: { input: "{% $states.input %}", ...(Object.fromEntries(reads) as JsonObject) },
    };
    return { StartAt, States: states };

    function variable(): string {
      variables.push(`v${++count}`);
      return `v${count}`;
    }

    function emit(piece: Piece, next: string): string {
      const name = `${piece.kind} ${++count}`;
      const caught = [{ ErrorEquals: ["States.ALL"], Output: "{% $states.errorOutput.Error %}", Next: next }];
      switch (piece.kind) {
        case "task":
          tasks[name] = (input, call, _, callbacks) => {
            const result = `${name} in ${call.frame}`;
            const fails = call.attempt <= piece.failures;
            if (!piece.waits && fails) throw named("E");
            if (piece.waits) {
              const { token } = input as { readonly token: string };
              callbacks.answer(token, fails ? { error: { name: "E", cause: "" } } : { output: { Payload: result } });
            }
            return result;
          };
          states[name] = task(piece.waits ? { token: "{% $states.context.Task.Token %}" } : "{% $states.input %}", {
            ...(piece.waits ? { Resource: `${LAMBDA}.waitForTaskToken` } : {}),
            Retry: [{ ErrorEquals: ["E"], MaxAttempts: piece.retries }],
            ...(piece.isCaught ? { Catch: caught } : {}),
            Assign: { [variable()]: "{% $states.result.Payload %}" },
            Output: "{% $states.input %}",
            Next: next,
          });
          break;
        case "pass":
          states[name] = { Type: "Pass", Assign: { [variable()]: name }, Output: { from: name }, Next: next };
          break;
        case "wait":
          states[name] = { Type: "Wait", Seconds: 5, Next: next };
          break;
        case "loop": {
          const index = variable();
          const step = `next ${name}`;
          states[step] = { Type: "Pass", Assign: { [index]: `{% $${index} + 1 %}` }, Next: `head ${name}` };
          states[`head ${name}`] = {
            Type: "Choice",
            Choices: [
              {
                Condition: `{% $${index} < ${piece.turns} %}`,
                Output: [`{% $${index} %}`],
                Next: piece.body.reduceRight((after, inner) => emit(inner, after), step),
              },
            ],
            Default: next,
          };
          states[name] = { Type: "Pass", Assign: { [index]: 0 }, Next: `head ${name}` };
          break;
        }
        case "map":
          states[name] = {
            Type: "Map",
            Items: Array.from({ length: piece.items }, (_, item) => item),
            MaxConcurrency: piece.atOnce,
            ItemProcessor: branch(piece.body),
            Next: next,
          };
          break;
        case "parallel":
          states[name] = {
            Type: "Parallel",
            Branches: piece.branches.map(branch),
            Retry: [{ ErrorEquals: ["E"], MaxAttempts: 1 }],
            ...(piece.isCaught ? { Catch: caught } : {}),
            Next: next,
          };
      }
      return name;
    }
  };
  const { StartAt, States } = branch(flow);
  return { definition: machine(States, { StartAt }), tasks };
}
