import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { CompiledWorkflow } from "../../../engine/model/compiled.ts";
import { limitDeadlocks } from "../../../engine/model/deadlock.ts";
import { defineLimit, type LimitOptions } from "../../../engine/model/limit.ts";
import type { WorkflowDefinition } from "../../../engine/model/workflow.ts";

const GIT = defineLimit({ name: "git", limit: 2 });

function workflow(name: string, limit: LimitOptions = {}): WorkflowDefinition {
  const [parameters, result] = [z.object({ id: z.string() }), z.null()];
  return { name, type: "internal", module: "a/flows", function: name, parameters, result, tags: [], ...limit };
}

/** `"b"` is executed, `"b?"` is only submitted. */
function compiled(name: string, ...children: string[]): CompiledWorkflow {
  return {
    name,
    machine: { QueryLanguage: "JSONata", StartAt: "", States: {} },
    sourceMap: {},
    tasks: [],
    functions: [],
    children: children.map((child, index) => ({
      workflow: child.replace("?", ""),
      waits: !child.endsWith("?"),
      at: `functions/a/${name}.ts:${index + 1}`,
    })),
    plan: { transitions: { min: 1 }, events: { min: 2 }, writes: { min: 0 }, calls: {}, children: {}, loops: [] },
  };
}

function found(workflows: WorkflowDefinition[], ...machines: CompiledWorkflow[]): string[] {
  return limitDeadlocks(workflows, machines).map((sentence) => sentence.slice(0, sentence.indexOf(" while")));
}

describe("A parent that holds the slot which its child waits for", () => {
  const limited = { concurrencyLimit: GIT };

  it("is found where it executes the child itself", () => {
    expect(
      limitDeadlocks([workflow("a", limited), workflow("b", limited)], [compiled("a", "b"), compiled("b")]),
    ).toEqual([
      'functions/a/a.ts:1: "a" executes "b" while it holds a slot of the limit "git", which that run waits for: ' +
        "once such parents hold every slot, none of them ends. Use submitWorkflow, take the limit off one of the two, or give it a concurrencyKey",
    ]);
  });

  it("is found through children between them, at the call of the parent", () => {
    const workflows = [workflow("a", limited), workflow("b"), workflow("c", limited)];
    expect(found(workflows, compiled("a", "x", "b"), compiled("b", "c"), compiled("c"))).toEqual([
      'functions/a/a.ts:2: "a" executes "c" (through "b")',
    ]);
  });

  it("is found where it executes its own workflow, also in a circle", () => {
    const own = { concurrencyLimit: 3 };
    expect(found([workflow("a", own)], compiled("a", "a"))).toEqual(['functions/a/a.ts:1: "a" executes "a"']);
    expect(found([workflow("a", own), workflow("b")], compiled("a", "b"), compiled("b", "a"))).toEqual([
      'functions/a/a.ts:1: "a" executes "a" (through "b")',
    ]);
  });

  it("is found whatever the parent's strategy, and where the child makes room by cancelling", () => {
    const workflows = [
      workflow("a", { ...limited, concurrencyStrategy: "CANCEL_NEW" }),
      workflow("b", { ...limited, concurrencyStrategy: "CANCEL_RUNNING" }),
    ];
    expect(found(workflows, compiled("a", "b"), compiled("b"))).toHaveLength(1);
  });

  it.each([
    ["the child is only submitted", limited, limited, "b?"],
    ["the child does not wait in line", limited, { ...limited, concurrencyStrategy: "CANCEL_NEW" }, "b"],
    ["the child has another limit", limited, { concurrencyLimit: 1 }, "b"],
    ["the parent has none", {}, limited, "b"],
    ["the limit of the parent has a key", { ...limited, concurrencyKey: "{id}" }, limited, "b"],
    ["the limit of the child has a key", limited, { ...limited, concurrencyKey: "{id}" }, "b"],
  ] as const)("is none where %s", (_, parent, child, called) => {
    expect(found([workflow("a", parent), workflow("b", child)], compiled("a", called), compiled("b"))).toEqual([]);
  });
});
