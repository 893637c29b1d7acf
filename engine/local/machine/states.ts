import { expressionNamed } from "../jsonata/expression.ts";
import type { Json } from "../../model/json.ts";
import { type EvaluationFailed, StateFailed, StatesError, unexpectedResult } from "./failure.ts";
import { performAction } from "./action.ts";
import type { Exit } from "./past.ts";
import type { Visit } from "./visit.ts";
import { performWait } from "./wait.ts";

/** Does what a state does and answers how it was left. @throws StateFailed where nothing in the state takes its failure */
export async function perform(visit: Visit): Promise<Exit> {
  switch (visit.state.definition.Type) {
    case "Task":
    case "Map":
    case "Parallel":
      return performAction(visit);
    case "Choice":
      return performChoice(visit);
    case "Wait":
      await performWait(visit);
      break;
    case "Fail":
      throw await fail(visit);
    case "Pass":
    case "Succeed":
  }
  return visit.exit({ ...(await visit.results(visit.state.results)), ...visit.onward });
}

/** The first rule that holds, with its own results; the state's own belong to the default. */
async function performChoice(visit: Visit): Promise<Exit> {
  const { rules, next, results } = visit.state;
  for (const [index, rule] of rules.entries()) {
    const verdict = await visit.evaluate(rule.condition);
    if (typeof verdict !== "boolean") {
      throw unexpectedAt(visit, `Choices[${index}]/Condition`, verdict as Json, "boolean");
    }
    if (verdict) return visit.exit({ ...(await visit.results(rule.results)), next: rule.next });
  }
  if (next === undefined) throw visit.located({ error: StatesError.RUNTIME, cause: NO_WAY_ON });
  return visit.exit({ ...(await visit.results(results)), next });
}

const NO_WAY_ON = "Failed to transition out of the state. The state does not point to a next state.";

async function fail(visit: Visit): Promise<StateFailed> {
  const error = await textIn(visit, "Error");
  const cause = await textIn(visit, "Cause");
  return new StateFailed({ error: error ?? "", ...(cause === undefined ? {} : { cause }) });
}

/** The text that a field of the state gives, nothing where it has none. @throws StateFailed */
export async function textIn(visit: Visit, field: "Error" | "Cause" | "Timestamp"): Promise<string | undefined> {
  const value = await visit.evaluate(visit.state.fields[field]);
  if (value === undefined || typeof value === "string") return value;
  throw unexpectedAt(visit, field, value, "string");
}

function unexpectedAt(visit: Visit, path: string, value: Json, expected: string): EvaluationFailed {
  return unexpectedResult(expressionNamed(visit.textOf(path) ?? JSON.stringify(value), path), value, expected);
}
