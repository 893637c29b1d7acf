import type { Json, JsonObject } from "../../model/json.ts";
import { isJsonObject } from "../../model/json.ts";
import type { Template } from "../../model/machine.ts";
import { compileExpression, expressionIn, type Compiled, type Evaluation } from "./expression.ts";

/**
 * Prepares any JSON with expressions in its strings. A part without an expression is given as it stands, not copied.
 * `field` is the path of the field in its state. @throws Error where an expression is no JSONata
 */
export function compileTemplate(template: Template, field: string): Compiled {
  if (typeof template === "string") {
    const text = expressionIn(template);
    return text === undefined ? () => template : compileExpression(text, field);
  }
  if (isConstant(template)) return () => template;
  if (Array.isArray(template)) {
    return combine(
      template.map((part, index) => compileTemplate(part, `${field}[${index}]`)),
      (values) => values,
    );
  }
  const entries = Object.entries(template as JsonObject);
  const keys = entries.map(([key]) => key);
  return combine(
    entries.map(([key, part]) => compileTemplate(part, `${field}/${key}`)),
    (values) => {
      const object: JsonObject = {};
      for (let index = 0; index < keys.length; index++) object[keys[index] as string] = values[index] as Json;
      return object;
    },
  );
}

function isConstant(template: Template): boolean {
  if (typeof template === "string") return expressionIn(template) === undefined;
  if (Array.isArray(template)) return template.every(isConstant);
  return !isJsonObject(template) || Object.values(template).every(isConstant);
}

/** Synchronous as long as every part is. */
function combine(parts: readonly Compiled[], build: (values: Json[]) => Json): Compiled {
  return (evaluation) => {
    const values: Json[] = [];
    for (const part of parts) {
      const value = part(evaluation);
      if (value instanceof Promise) return finish(parts, evaluation, values, value).then(build);
      values.push(value);
    }
    return build(values);
  };
}

async function finish(
  parts: readonly Compiled[],
  evaluation: Evaluation,
  values: Json[],
  pending: Promise<Json>,
): Promise<Json[]> {
  values.push(await pending);
  for (const part of parts.slice(values.length)) values.push(await part(evaluation));
  return values;
}
