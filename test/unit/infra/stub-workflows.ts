import * as z from "zod";
import type { CompiledWorkflow } from "../../../engine/model/compiled.ts";
import type { State } from "../../../engine/model/machine.ts";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";

/** A catalogue with hand-made machines, so that a test of the deployment waits for no compiler and no bundler. */

export interface StubWorkflow extends Pick<WorkflowDefinition, "cron" | "timezone" | "cronParameters"> {
  readonly name: string;
  /** One task state for each. */
  readonly domains: readonly string[];
  /** One state that calls it for each of Millrace's own functions here. */
  readonly own?: readonly string[];
  /** Its states are those of the items of a distributed Map. */
  readonly distributed?: true;
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
export const SWEEP: StubWorkflow = { name: "sweep", domains: [], own: ["sweep"], cron: "*/5 * 13 * FRI" };
export const MERGE: StubWorkflow = { name: "merge", domains: ["git"], own: ["lock", "submit"] };
export const IDLE: StubWorkflow = { name: "idle", domains: [] };

const stubs = new Map<string, StubWorkflow>();

export function definition(stub: StubWorkflow): WorkflowDefinition {
  stubs.set(stub.name, stub);
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
    workflows: request.workflows.map(({ name }) => compiledStub(stubs.get(name) ?? { name, domains: [] })),
    diagnostics: [],
  };
}

function compiledStub({ name, domains: used, own = [], distributed }: StubWorkflow): CompiledWorkflow {
  const called = [...used, ...own];
  const steps = called.map((callee, index): [string, State] => [
    `step ${index}`,
    {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Arguments: { FunctionName: `\${${callee}}`, Payload: { task: `${callee}-task` } },
      Next: index + 1 < called.length ? `step ${index + 1}` : "end",
    },
  ]);
  const States = Object.fromEntries([...steps, ["end", { Type: "Succeed" }]]) as Record<string, State>;
  const whole = { StartAt: steps[0]?.[0] ?? "end", States };
  const ProcessorConfig = { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" } as const;
  const map = { Type: "Map", Label: "items", ItemProcessor: { ProcessorConfig, ...whole }, End: true } as const;
  return {
    name,
    machine: {
      QueryLanguage: "JSONata",
      ...(distributed ? { StartAt: "items", States: { items: map } } : whole),
    },
    sourceMap: {},
    tasks: used.map((domain) => ({
      name: `${domain}-task`,
      file: `functions/${domain}/tasks.ts`,
      export: "task",
      domain,
    })),
    functions: [...new Set(called)].sort(),
    children: [],
    plan: {
      transitions: { min: called.length + 1 },
      events: { min: 0 },
      writes: { min: 0 },
      calls: {},
      children: {},
      loops: [],
    },
  };
}
