import type { CompiledWorkflow } from "./compiled.ts";
import type { WorkflowDefinition } from "./workflow.ts";

/**
 * Where a run holds a slot of a limit while a child that it executes, itself or through further executed children, waits
 * in line for a slot of the same limit: once such parents hold all slots, none of them ends. One sentence each, with the
 * place of the call. Limits with a key are left out, since only their values tell whether the slots are the same.
 */
export function limitDeadlocks(
  workflows: readonly WorkflowDefinition[],
  compiled: readonly CompiledWorkflow[],
): string[] {
  const definitions = new Map(workflows.map((workflow) => [workflow.name, workflow]));
  const children = new Map(compiled.map(({ name, children }) => [name, children.filter(({ waits }) => waits)]));
  return workflows.flatMap((parent) => {
    const limit = plainLimit(parent);
    if (limit === undefined) return [];
    return executedBy(parent.name, children).flatMap(({ path, at }) => {
      const child = definitions.get(path.at(-1) ?? "");
      const waits = child !== undefined && child.concurrencyStrategy !== "CANCEL_NEW" && plainLimit(child) === limit;
      return waits ? [sentence(parent.name, path, at, limit)] : [];
    });
  });
}

/** The name of a limit that counts all runs of the workflow together. */
function plainLimit({ name, concurrencyLimit: limit, concurrencyKey: key }: WorkflowDefinition): string | undefined {
  if (limit === undefined || key !== undefined) return undefined;
  return typeof limit === "number" ? name : limit.name;
}

interface Executed {
  /** Workflows from the parent's own child to the one that is executed. */
  readonly path: readonly string[];
  /** Where the parent executes the first of them. */
  readonly at: string;
}

/** Every workflow that runs while a parent waits, each once, by a shortest path. */
function executedBy(
  parent: string,
  children: ReadonlyMap<string, readonly { readonly workflow: string; readonly at: string }[]>,
): Executed[] {
  const found = new Map<string, Executed>();
  const add = (name: string, path: readonly string[], at?: string): void => {
    for (const child of children.get(name) ?? []) {
      if (found.has(child.workflow)) continue;
      found.set(child.workflow, { path: [...path, child.workflow], at: at ?? child.at });
    }
  };
  add(parent, []);
  for (const [name, { path, at }] of found) add(name, path, at); // a map is walked to its end while it grows
  return [...found.values()];
}

function sentence(parent: string, path: readonly string[], at: string, limit: string): string {
  const through = path.slice(0, -1).map((name) => `"${name}"`);
  const way = through.length === 0 ? "" : ` (through ${through.join(", ")})`;
  return (
    `${at}: "${parent}" executes "${path.at(-1)}"${way} while it holds a slot of the limit "${limit}", which that run waits for: ` +
    "once such parents hold every slot, none of them ends. Use submitWorkflow, take the limit off one of the two, or give it a concurrencyKey"
  );
}
