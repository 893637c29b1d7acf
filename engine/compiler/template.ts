import type { Json } from "../model/json.ts";
import type { Template } from "../model/machine.ts";
import type { Expression } from "./expression.ts";
import { jsonata } from "./jsonata.ts";
import { literal } from "./literal.ts";

/** JSONata as a field of a state. */
export function evaluated(text: string): string {
  return `{% ${text} %}`;
}

/** A field of a state: objects and arrays stay structure, with one expression for each part that has to be computed. */
export function template(expression: Expression): Template {
  switch (expression.kind) {
    case "constant":
      return constantTemplate(expression.value);
    case "array":
      if (expression.elements.some((element) => element.as === "spread")) break;
      return expression.elements.map((element) => template(element.value));
    case "object": {
      const { members } = expression;
      if (members.some((member) => typeof member.key !== "string" || member.maybe)) break;
      return Object.fromEntries(members.map((member) => [member.key as string, template(member.value)]));
    }
  }
  return evaluated(jsonata(expression));
}

/** A text that Step Functions would evaluate, or CloudFormation would substitute in, is written as an expression. */
function constantTemplate(value: Json): Template {
  if (Array.isArray(value)) return value.map(constantTemplate);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, constantTemplate(member)]));
  }
  if (typeof value !== "string") return value;
  return /^\{%|%\}$|\$\{/.test(value) ? evaluated(literal(value)) : value;
}
