import { overTheWire } from "../model/json.ts";
import type { Attribute, Item, Key, Update } from "./items.ts";

/**
 * The item that an update makes of the one before; the stores without update expressions of their own use it.
 * @throws TypeError where two parts name one attribute, a part names the key, or a number is added to another type
 */
export function applyUpdate(key: Key, before: Item | undefined, update: Update): Item {
  const { set = {}, setIfAbsent = {}, add = {}, remove = [], nextOf } = update;
  const next = nextOf?.to ?? [];
  refuseOverlap([Object.keys(set), Object.keys(setIfAbsent), Object.keys(add), remove, next].flat());
  const after: { [attribute: string]: Attribute } = { ...before, ...set, pk: key.pk, sk: key.sk };
  for (const [name, value] of Object.entries(setIfAbsent)) if (after[name] === undefined) after[name] = value;
  for (const [name, amount] of Object.entries(add)) after[name] = sum(name, before?.[name], amount);
  for (const name of next) after[name] = sum(name, before?.[nextOf?.counter ?? name], 1);
  for (const name of remove) delete after[name];
  return storedItem({ ...after, ...key });
}

/** The item as every store keeps it: a copy of its own, each value as after a wire, without empty sets. */
export function storedItem(item: Item): Item {
  const entries = Object.entries(item).filter(([, value]) => !(value instanceof Set && value.size === 0));
  const copies = entries.map(([name, value]) => [name, value instanceof Set ? new Set(value) : overTheWire(value)]);
  return Object.fromEntries(copies) as Item;
}

function sum(name: string, before: Attribute | undefined, amount: number | ReadonlySet<string>): Attribute {
  if (typeof amount === "number" && (before === undefined || typeof before === "number")) return (before ?? 0) + amount;
  if (amount instanceof Set && (before === undefined || before instanceof Set)) {
    return (before ?? new Set<string>()).union(amount as ReadonlySet<string>);
  }
  const wanted = typeof amount === "number" ? "a number" : "a set";
  throw new TypeError(`Attribute "${name}" cannot be added to: it is not ${wanted} but ${JSON.stringify(before)}.`);
}

function refuseOverlap(names: readonly string[]): void {
  const wrong = names.find((name, index) => name === "pk" || name === "sk" || names.indexOf(name) !== index);
  if (wrong === undefined) return;
  const why = wrong === "pk" || wrong === "sk" ? "it is part of the key" : "two parts of the update name it";
  throw new TypeError(
    `Attribute "${wrong}" cannot be updated: ${why}. Name each attribute once, and no part of the key.`,
  );
}
