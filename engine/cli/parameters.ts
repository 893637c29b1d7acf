import { readFileSync } from "node:fs";
import { ErrorName, MillraceError } from "../model/errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { jsonSchema } from "../model/schema.ts";
import type { WorkflowDefinition } from "../model/workflow.ts";

/** The ways in which a command line gives parameters; a later one overrides the ones before it. */
export interface ParameterOptions {
  /** File with a JSON object; `-` is standard input. */
  readonly paramsFile?: string;
  /** A JSON object. */
  readonly parameters?: string;
  /** `name=value`, each. */
  readonly param?: readonly string[];
}

/**
 * @throws MillraceError `InvalidParameters` where they are no JSON object or the workflow has no such parameter,
 * `InvalidRequest` where `--param` is not `name=value` or names one parameter twice
 */
export function readParameters(definition: WorkflowDefinition, options: ParameterOptions): JsonObject {
  const { paramsFile, parameters, param = [] } = options;
  const schemas = parameterSchemas(definition);
  const given = {
    ...(paramsFile === undefined ? {} : parseObject(readText(paramsFile), `--params-file ${paramsFile}`)),
    ...(parameters === undefined ? {} : parseObject(parameters, "--parameters")),
  };
  const assigned = parseAssignments(param);
  const names = Object.keys({ ...given, ...assigned });
  const unknown = names.find((name) => !Object.hasOwn(schemas, name));
  if (unknown !== undefined) {
    throw invalid(
      `Workflow "${definition.name}" cannot start: it has no parameter "${unknown}". Its parameters: ${Object.keys(schemas).join(", ") || "none"}.`,
    );
  }
  const values = Object.entries(assigned).map(([name, text]) => [name, parameterValue(schemas[name] ?? {}, text)]);
  return { ...given, ...(Object.fromEntries(values) as JsonObject) };
}

function readText(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw invalid(`--params-file ${file} cannot be read: ${(error as Error).message}. Give the path of a JSON file.`);
  }
}

function parseObject(text: string, option: string): JsonObject {
  const value = parseJson(text);
  if (isJsonObject(value)) return value;
  throw invalid(`${option} must hold a JSON object such as {"name":"value"}, not ${shorten(text.trim())}.`);
}

function parseAssignments(param: readonly string[]): { readonly [name: string]: string } {
  const assigned = new Map<string, string>();
  for (const text of param) {
    const split = text.indexOf("=");
    const name = text.slice(0, Math.max(0, split));
    if (name === "") throw misused(`--param takes name=value, not ${shorten(text)}.`);
    if (assigned.has(name)) throw misused(`--param names "${name}" twice. Give each parameter once.`);
    assigned.set(name, text.slice(split + 1));
  }
  return Object.fromEntries(assigned);
}

/** JSON schema of each parameter. */
export function parameterSchemas(definition: WorkflowDefinition): { readonly [name: string]: JsonObject } {
  const { properties = {} } = jsonSchema(definition.parameters, "input");
  return properties as { [name: string]: JsonObject };
}

/** Text where the schema wants text, else JSON where the text is JSON of a type that the schema knows. */
export function parameterValue(schema: JsonObject, text: string): Json {
  const types = typesOf(schema);
  if (types.size === 1 && types.has("string")) return text;
  const value = parseJson(text);
  if (value === undefined) return text;
  return types.has("string") && !types.has(typeOf(value)) ? text : value;
}

/** Names of JSON schema's types that a schema allows; none where it does not say. */
function typesOf(schema: JsonObject): Set<string> {
  const { type, anyOf, oneOf, enum: values, const: value } = schema;
  if (typeof type === "string") return new Set([type === "integer" ? "number" : type]);
  if (Array.isArray(type)) return new Set(type.map(String));
  const branches = [anyOf, oneOf].find(Array.isArray);
  if (branches !== undefined) return new Set(branches.filter(isJsonObject).flatMap((branch) => [...typesOf(branch)]));
  return new Set((Array.isArray(values) ? values : value === undefined ? [] : [value]).map(typeOf));
}

function typeOf(value: Json): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function shorten(text: string): string {
  return JSON.stringify(text.length <= 60 ? text : `${text.slice(0, 60)}…`);
}

function invalid(message: string): MillraceError {
  return new MillraceError(ErrorName.INVALID_PARAMETERS, message);
}

function misused(message: string): MillraceError {
  return new MillraceError(ErrorName.INVALID_REQUEST, message);
}
