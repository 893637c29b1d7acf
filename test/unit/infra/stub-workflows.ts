import * as z from "zod";
import type { CompiledWorkflow } from "../../../engine/model/compiled.ts";
import type { State } from "../../../engine/model/machine.ts";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";

/** A catalogue with hand-made machines, so that a test of the deployment waits for no compiler and no bundler. */

export interface StubWorkflow extends Pick<WorkflowDefinition, "cron" | "timezone" | "cronParameters"> {
  readonly name: string;
  /** One task state for each. */
  readonly domains: readonly string[];
}

export const ADD: StubWorkflow = { name: "add-repository", domains: ["git"] };
export const CHECK: StubWorkflow = { name: "check-objects", domains: ["git", "validation"] };
export const SEND: StubWorkflow = {
  name: "send_counts",
  domains: ["validation"],
  cron: "17 2 * * *",
  timezone: "Europe/Berlin",
  cronParameters: { full: true },
};
export const SWEEP: StubWorkflow = { name: "sweep", domains: [], cron: "*/5 * 13 * FRI" };

const domains = new Map<string, readonly string[]>();

export function definition({ domains: used, ...stub }: StubWorkflow): WorkflowDefinition {
  domains.set(stub.name, used);
  return {
    ...stub,
    type: "user",
    module: "stub/flows",
    function: "flow",
    parameters: z.object({}),
    result: z.null(),
    tags: [],
  };
}

/** Stands in for the compiler's `compileCatalogue`. */
export function compileStubs(request: { readonly workflows: readonly { readonly name: string }[] }): {
  workflows: CompiledWorkflow[];
  diagnostics: [];
} {
  return {
    workflows: request.workflows.map(({ name }) => compiledStub(name, domains.get(name) ?? [])),
    diagnostics: [],
  };
}

function compiledStub(name: string, used: readonly string[]): CompiledWorkflow {
  const steps = used.map((domain, index): [string, State] => [
    `step ${index}`,
    {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Arguments: { FunctionName: `\${${domain}}`, Payload: { task: `${domain}-task` } },
      Next: index + 1 < used.length ? `step ${index + 1}` : "end",
    },
  ]);
  const states = Object.fromEntries([...steps, ["end", { Type: "Succeed" }]]) as Record<string, State>;
  return {
    name,
    machine: { QueryLanguage: "JSONata", StartAt: steps[0]?.[0] ?? "end", States: states },
    sourceMap: {},
    tasks: used.map((domain) => ({
      name: `${domain}-task`,
      file: `functions/${domain}/tasks.ts`,
      export: "task",
      domain,
    })),
    plan: { transitions: { min: used.length + 1 } },
  };
}
