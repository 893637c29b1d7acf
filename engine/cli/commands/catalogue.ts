import type { JsonObject } from "../../model/json.ts";
import { jsonSchema } from "../../model/schema.ts";
import type { WorkflowDefinition } from "../../model/workflow.ts";
import { loadCatalogue } from "../../runtime/load.ts";
import { styled, type Output } from "../output.ts";
import { parameterSchemas } from "../parameters.ts";
import { ROOT } from "../session.ts";
import { formatTable } from "../table.ts";

/** `millrace catalogue`: answers `{ workflows }`, each a definition with its schemas as JSON schema. */
export async function catalogue(output: Output): Promise<void> {
  const workflows = await loadCatalogue(ROOT);
  output.result({ workflows: workflows.map(described) }, workflows.map(workflowText).join("\n\n"));
}

function described(definition: WorkflowDefinition): JsonObject {
  const { parameters, result, ...rest } = definition;
  const schemas = { parameters: jsonSchema(parameters, "input"), result: jsonSchema(result, "output") };
  return { ...rest, ...schemas } as unknown as JsonObject;
}

function workflowText(definition: WorkflowDefinition): string {
  const { name, type, module, function: flow, cron, timezone = "UTC", description } = definition;
  const facts = [
    ...(description === undefined ? [] : [["about", description]]),
    ["flow", `functions/${module}.ts#${flow}`],
    ["parameters", parametersText(definition)],
    ...(cron === undefined ? [] : [["cron", `${cron} (${timezone})`]]),
  ];
  const table = formatTable(facts.map(([fact = "", value = ""]) => [`  ${fact}`, value]));
  return `${styled("bold", name)}  ${type}\n${table}`;
}

/** `name, location, [branch]`: what may be left out stands in brackets. */
function parametersText(definition: WorkflowDefinition): string {
  const { required = [] } = jsonSchema(definition.parameters, "input") as { required?: readonly string[] };
  const names = Object.keys(parameterSchemas(definition));
  return names.length === 0 ? "none" : names.map((name) => (required.includes(name) ? name : `[${name}]`)).join(", ");
}
