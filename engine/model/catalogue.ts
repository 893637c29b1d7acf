import type { WorkflowDefinition } from "./workflow.ts";

/** What is wrong with a catalogue as a whole: a name twice, an exported workflow that the list lacks. */
export function catalogueProblems(
  workflows: readonly WorkflowDefinition[],
  modules: readonly (readonly [file: string, exported: { readonly [name: string]: unknown }])[],
): string[] {
  const names = new Map<string, number>();
  for (const { name } of workflows) names.set(name, (names.get(name) ?? 0) + 1);
  const duplicates = [...names]
    .filter(([, count]) => count > 1)
    .map(([name, count]) => `The catalogue lists "${name}" ${count} times: give each workflow a name of its own`);
  const missing = modules.flatMap(([file, exported]) =>
    Object.entries(exported)
      .filter(([, value]) => isDefinition(value) && !workflows.includes(value))
      .map(([name]) => `${file} exports ${name}, which WORKFLOWS in catalogue/index.ts lacks: add it there`),
  );
  return [...duplicates, ...missing];
}

function isDefinition(value: unknown): value is WorkflowDefinition {
  return (
    typeof value === "object" && value !== null && "module" in value && "function" in value && "parameters" in value
  );
}
