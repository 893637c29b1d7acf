import type { Diagnostics } from "./diagnostics.ts";
import type { TaskTable } from "./lowering.ts";

/** What only all tasks together tell: a domain's function finds a task by its name, so each name stands for one. */
export function checkTaskNames(tasks: TaskTable, diagnostics: Diagnostics): void {
  const seen = new Set<string>();
  for (const [call, { domain, name }] of tasks.entries()) {
    const key = `${domain}/${name}`;
    if (seen.has(key)) diagnostics.report("taskNameTwice", call, name);
    seen.add(key);
  }
}
