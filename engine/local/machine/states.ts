import { queryFailure, shown, StateFailed, StatesError } from "./failure.ts";
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
  const { name, rules, next, results } = visit.state;
  for (const rule of rules) {
    const verdict = await visit.evaluate(rule.condition);
    if (typeof verdict !== "boolean") {
      throw queryFailure(
        `a Condition of state ${JSON.stringify(name)} gave ${shown(verdict)}, allowed are true and false`,
      );
    }
    if (verdict) return visit.exit({ ...(await visit.results(rule.results)), next: rule.next });
  }
  if (next === undefined) {
    const cause = `no rule of state ${JSON.stringify(name)} holds, and it has no Default`;
    throw new StateFailed({ error: StatesError.NO_CHOICE_MATCHED, cause });
  }
  return visit.exit({ ...(await visit.results(results)), next });
}

async function fail(visit: Visit): Promise<StateFailed> {
  const { fields, name } = visit.state;
  const text = async (field: "Error" | "Cause"): Promise<string | undefined> => {
    const value = await visit.evaluate(fields[field]);
    if (value === undefined || typeof value === "string") return value;
    throw queryFailure(`${field} of state ${JSON.stringify(name)} is ${shown(value)}, allowed is a string`);
  };
  const error = await text("Error");
  const cause = await text("Cause");
  return new StateFailed({ error: error ?? "", ...(cause === undefined ? {} : { cause }) });
}
