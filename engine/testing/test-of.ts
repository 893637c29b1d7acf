import { ErrorName, MillraceError } from "../model/errors.ts";
import type { RecordedCall } from "../model/recorded-call.ts";
import type { Run } from "../model/run.ts";
import { checkParameters, type WorkflowDefinition } from "../model/workflow.ts";
import { RecordedText, text } from "./recorded-text.ts";

/** A run that has ended, and what its machine called. */
export interface RecordedRun {
  readonly run: Run;
  readonly calls: readonly RecordedCall[];
}

export interface TestOptions {
  /** The catalogue that the run is from. */
  readonly workflows: readonly WorkflowDefinition[];
  /** From the test's file to `functions/`, such as `../functions`. */
  readonly functions: string;
  /** Files below `functions/` that declare classes of errors, by the errors' names: `{ Declined: "orders/errors.ts" }`. */
  readonly errors?: { readonly [name: string]: string };
}

/**
 * The text of a vitest file that calls the flow of a run directly, with fakes that answer as the run's tasks, children
 * and events did, and expects the run's outcome.
 * @throws MillraceError `Conflict` where the run has not completed or failed, `WorkflowNotFound`
 */
export function testOf({ run, calls }: RecordedRun, { workflows, functions, errors = {} }: TestOptions): string {
  const definition = workflows.find(({ name }) => name === run.workflow);
  if (definition === undefined) throw unlisted(run);
  const { function: flow, module } = definition;
  const expected = expectation(run);
  const written = new RecordedText(errors);
  const options = optionsOf(run, withDefaults(calls, workflows), written);
  const imports = [...written.classes].map(
    ([file, names]) => `import { ${[...names].sort().join(", ")} } from ${text(`${functions}/${file}`)};`,
  );
  return [
    `// Run ${run.id} of "${run.workflow}", written by \`millrace test\`.`,
    `import { ${[...written.helpers].sort().join(", ")} } from "millrace/testing";`,
    'import { expect, it } from "vitest";',
    ...imports,
    `import { ${flow} } from ${text(`${functions}/${module}.ts`)};`,
    "",
    `it(${text(`${run.workflow} goes as it did in run ${run.id}`)}, async () => {`,
    ...indented([
      `const ended = direct(${flow}, ${text(checkParameters(definition, run.parameters ?? {}))}, {`,
      ...indented(options),
      "});",
      expected,
    ]),
    "});",
    "",
  ].join("\n");
}

function expectation(run: Run): string {
  if (run.state === "completed") return `expect(await ended).toEqual(${text(run.result ?? null)});`;
  if (run.state === "failed") {
    const { name, message } = run.error;
    return `await expect(ended).rejects.toMatchObject(${text({ name, message })});`;
  }
  throw new MillraceError(
    ErrorName.CONFLICT,
    `Run ${run.id} is ${run.state}: a test can be made of a run that has completed or failed.`,
  );
}

/** A child's flow gets its parameters with their defaults. */
function withDefaults(
  calls: readonly RecordedCall[],
  workflows: readonly WorkflowDefinition[],
): readonly RecordedCall[] {
  return calls.map((call) => {
    const child = call.kind === "child" ? workflows.find(({ name }) => name === call.name) : undefined;
    return child === undefined ? call : { ...call, input: checkParameters(child, call.input) };
  });
}

function optionsOf(run: Run, calls: readonly RecordedCall[], written: RecordedText): string[] {
  const started = "startedAt" in run ? run.startedAt : run.createdAt;
  const each = (kind: RecordedCall["kind"], write: (name: string, made: readonly RecordedCall[]) => string): string[] =>
    [
      ...Map.groupBy(
        calls.filter((call) => call.kind === kind),
        ({ name }) => name,
      ),
    ].map(([name, made]) => write(name, made));
  return [
    `now: ${started},`,
    ...(Object.keys(run.context).length === 0 ? [] : [`context: ${text(run.context)},`]),
    ...member(
      "tasks: [",
      each("task", (name, made) => written.fake(name, made)),
      "],",
    ),
    ...member(
      "workflows: {",
      each("child", (name, made) => `${text(name)}: ${written.recording(made)},`),
      "},",
    ),
    ...member(
      "events: {",
      each("event", (name, made) => `${text(name)}: ${written.answers(made)},`),
      "},",
    ),
  ];
}

function member(begin: string, members: readonly string[], end: string): string[] {
  return members.length === 0 ? [] : [begin, ...indented(members), end];
}

function indented(lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split("\n")).map((line) => `  ${line}`);
}

function unlisted({ workflow }: Run): MillraceError {
  return new MillraceError(
    ErrorName.WORKFLOW_NOT_FOUND,
    `The catalogue has no workflow "${workflow}" any longer, so that there is no flow to test.`,
  );
}
