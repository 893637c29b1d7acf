import { readFileSync } from "node:fs";
import { definitionProblems } from "../../compiler/verify-definition.ts";
import { ErrorName, MillraceError, RunFailed } from "../../model/errors.ts";
import type { Json } from "../../model/json.ts";
import type { StateMachine } from "../../model/machine.ts";
import { Answers } from "../asl/answers.ts";
import type { AslOptions } from "../asl/options.ts";
import { simulate } from "../asl/simulate.ts";
import type { Output } from "../output.ts";

/**
 * `millrace asl <definition>`: answers `{ status, output | error and cause, calls, events }`.
 * @throws MillraceError `InvalidDefinition` with every reason for which Step Functions would refuse it, `InvalidRequest`
 * where a file is not there or a call has no answer; RunFailed
 */
export async function asl(output: Output, file: string, { input, tasks }: AslOptions): Promise<void> {
  const definition = readJson(file, ErrorName.INVALID_DEFINITION);
  const problems = definitionProblems(definition);
  if (problems.length > 0) {
    const reasons = problems.map(({ state, message }) =>
      state === undefined ? message : `state ${JSON.stringify(state)}: ${message}`,
    );
    const message = `Step Functions would refuse ${file}, or it is no state machine in JSONata:\n${reasons.join("\n")}`;
    throw new MillraceError(ErrorName.INVALID_DEFINITION, message);
  }
  const answers = new Answers(tasks === undefined ? {} : readJson(tasks, ErrorName.INVALID_REQUEST));
  const simulation = await simulate(
    definition as unknown as StateMachine,
    readJson(input, ErrorName.INVALID_REQUEST),
    answers,
  );
  output.result(simulation, JSON.stringify(simulation, undefined, 2));
  if (simulation.status === "SUCCEEDED") return;
  const { error = "", cause = "" } = simulation;
  throw new RunFailed(file, { name: error || simulation.status, message: cause });
}

/** What a file has. @throws MillraceError `InvalidRequest` where there is none, that other name where it is no JSON */
function readJson(file: string, notJson: ErrorName): Json {
  const refusal = (name: ErrorName, thrown: unknown): MillraceError =>
    new MillraceError(name, `${file} cannot be read: ${(thrown as Error).message}. Give the path of a JSON file.`);
  let text: string;
  try {
    text = readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (thrown) {
    throw refusal(ErrorName.INVALID_REQUEST, thrown);
  }
  try {
    return JSON.parse(text) as Json;
  } catch (thrown) {
    throw refusal(notJson, thrown);
  }
}
