import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Comparison, Condition, Scalar } from "../store/condition.ts";
import type { Attribute, Update } from "../store/items.ts";
import { isEmptySet, marshal } from "./dynamo-attribute.ts";

/** Names and values of one request; every name is aliased, since attributes may be reserved words or hold `:` and `#`. */
export interface Aliases {
  name(attribute: string): string;
  value(value: Attribute): string;
  /** The two maps as the request takes them: left out where they are empty. */
  maps(): {
    ExpressionAttributeNames?: Record<string, string>;
    ExpressionAttributeValues?: Record<string, AttributeValue>;
  };
}

export function aliases(): Aliases {
  const names = new Map<string, string>();
  const values: Record<string, AttributeValue> = {};
  return {
    name: (attribute) => {
      const alias = names.get(attribute) ?? `#n${names.size}`;
      names.set(attribute, alias);
      return alias;
    },
    value: (value) => {
      const alias = `:v${Object.keys(values).length}`;
      values[alias] = marshal(value);
      return alias;
    },
    maps: () => ({
      ...(names.size > 0 && {
        ExpressionAttributeNames: Object.fromEntries([...names].map(([name, alias]) => [alias, name])),
      }),
      ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
    }),
  };
}

/**
 * The text of a condition that DynamoDB finds true exactly where `holds` does. DynamoDB itself finds `<>` true for an
 * absent attribute and refuses an order between booleans, so both are spelled out. It refuses doubled parentheses too.
 */
export function conditionText(condition: Condition, use: Aliases): string {
  if ("exists" in condition) return `attribute_exists(${use.name(condition.exists)})`;
  if ("absent" in condition) return `attribute_not_exists(${use.name(condition.absent)})`;
  if ("not" in condition) return `NOT (${conditionText(condition.not, use)})`;
  if ("and" in condition) return joined(condition.and, "AND", use);
  if ("or" in condition) return joined(condition.or, "OR", use);
  return comparison(condition.attribute, condition.is, condition.to, use);
}

/** An `and` of nothing is true, an `or` of nothing false: every item has a key, and no attribute is there and is not. */
function joined(parts: readonly Condition[], word: "AND" | "OR", use: Aliases): string {
  const [only] = parts;
  if (only === undefined) return constant(word === "AND" ? "OR" : "AND", use);
  if (parts.length === 1) return conditionText(only, use);
  return parts.map((part) => `(${conditionText(part, use)})`).join(` ${word} `);
}

function constant(word: "AND" | "OR", use: Aliases): string {
  const key = use.name("pk");
  return `attribute_exists(${key}) ${word} attribute_not_exists(${key})`;
}

function comparison(
  attribute: string,
  is: Comparison,
  to: Scalar | { readonly attribute: string },
  use: Aliases,
): string {
  const ordered = is !== "=" && is !== "<>";
  if (ordered && (to === null || typeof to === "boolean")) return constant("AND", use);
  const left = use.name(attribute);
  if (typeof to === "object" && to !== null) {
    const right = use.name(to.attribute);
    return `attribute_exists(${left}) AND attribute_exists(${right}) AND ${left} ${is} ${right}`;
  }
  const compared = `${left} ${is} ${use.value(to)}`;
  return is === "<>" ? `attribute_exists(${left}) AND ${compared}` : compared;
}

/** The text of an update; nothing where it changes nothing, which makes an item that has only its key. */
export function updateText(update: Update, use: Aliases): string | undefined {
  const { set = {}, setIfAbsent = {}, add = {}, remove = [], nextOf } = update;
  const full = (attributes: object): [string, Attribute][] =>
    Object.entries(attributes as { [name: string]: Attribute }).filter(([, value]) => !isEmptySet(value));
  const emptied = Object.keys(set).filter((name) => isEmptySet(set[name] ?? null));
  const sets = full(set).map(([name, value]) => `${use.name(name)} = ${use.value(value)}`);
  const firsts = full(setIfAbsent).map(([name, value]) => {
    const alias = use.name(name);
    return `${alias} = if_not_exists(${alias}, ${use.value(value)})`;
  });
  const next = (nextOf?.to ?? []).map((name) => {
    const counter = use.name(nextOf?.counter ?? name);
    return `${use.name(name)} = if_not_exists(${counter}, ${use.value(0)}) + ${use.value(1)}`;
  });
  const adds = full(add).map(([name, amount]) => `${use.name(name)} ${use.value(amount)}`);
  const removes = [...remove, ...emptied].map((name) => use.name(name));
  const clauses = [clause("SET", [...sets, ...firsts, ...next]), clause("ADD", adds), clause("REMOVE", removes)];
  return clauses.filter((text) => text !== "").join(" ") || undefined;
}

function clause(word: string, parts: readonly string[]): string {
  return parts.length === 0 ? "" : `${word} ${parts.join(", ")}`;
}
