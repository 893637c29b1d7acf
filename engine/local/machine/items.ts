import { byteLength, isJsonObject, type Json, type JsonObject } from "../../model/json.ts";
import { expressionNamed } from "../jsonata/expression.ts";
import { queryFailure, StatesError, unexpectedResult } from "./failure.ts";
import { withinLimit } from "./limit.ts";
import { PAYLOAD_LIMIT_BYTES } from "../../model/wire.ts";
import { checked } from "./numbers.ts";
import type { Visit } from "./visit.ts";

/** The inputs of a Map's items, or of the batches of them. */
export async function collectItems(visit: Visit): Promise<Json[]> {
  const { state, input } = visit;
  if (!state.isDistributed && OF_DISTRIBUTED.some((field) => field in state.definition)) {
    throw visit.located({ error: StatesError.RUNTIME, cause: NOT_INLINE });
  }
  const given = state.fields.Items === undefined ? input : ((await visit.evaluate(state.fields.Items)) as Json);
  const inputs: Json[] = [];
  for (const item of itemsOf(visit, given)) inputs.push(await selected(visit, item));
  return state.fields.ItemBatcher === undefined ? inputs : inBatches(visit, inputs);
}

const OF_DISTRIBUTED = ["ItemReader", "ItemBatcher", "ResultWriter"];
const NOT_INLINE = "The ItemReader, ItemBatcher and ResultWriter fields are not supported for INLINE maps";

/** What `$states.context.Map.Item` has: an entry of an object has a Key. */
interface Item extends JsonObject {
  readonly Index: number;
  readonly Value: Json;
}

function itemsOf(visit: Visit, given: Json): Item[] {
  const { state } = visit;
  const source = state.isDistributed ? { Source: "STATE_DATA" } : {};
  if (Array.isArray(given)) return given.map((Value, Index) => ({ Index, Value, ...source }));
  if (state.isDistributed && isJsonObject(given)) {
    return Object.entries(given).map(([Key, Value], Index) => ({ Index, Key, Value, ...source }));
  }
  const text = visit.textOf("Items");
  if (text === undefined) throw queryFailure(`Map state input must be an array but was: ${JSON.stringify(given)}`);
  throw unexpectedResult(expressionNamed(text, "Items"), given, state.isDistributed ? "array or object" : "array");
}

async function selected(visit: Visit, item: Item): Promise<Json> {
  const { ItemSelector } = visit.state.fields;
  if (ItemSelector === undefined) return "Key" in item ? { Key: item["Key"], Value: item.Value } : item.Value;
  const value = await ItemSelector(visit.evaluation({}, { Map: { Item: item } }));
  return withinLimit(value, visit.state.name);
}

async function inBatches(visit: Visit, items: readonly Json[]): Promise<Json[]> {
  const batcher = (await visit.evaluate(visit.state.fields.ItemBatcher)) as JsonObject;
  const limit = (field: "MaxItemsPerBatch" | "MaxInputBytesPerBatch"): number =>
    checked(visit, `ItemBatcher/${field}`, batcher[field] ?? PAYLOAD_LIMIT_BYTES, { least: 1 });
  const most = limit("MaxItemsPerBatch");
  const bytes = Math.min(limit("MaxInputBytesPerBatch"), PAYLOAD_LIMIT_BYTES);
  const shared = batcher["BatchInput"] === undefined ? {} : { BatchInput: batcher["BatchInput"] };
  const batches: { readonly Items: Json[] }[] = [];
  let room = -1;
  for (const item of items) {
    const size = byteLength(item) + 1;
    const last = batches.at(-1);
    if (last === undefined || last.Items.length >= most || room < size) {
      batches.push({ ...shared, Items: [item] });
      room = bytes - byteLength({ ...shared, Items: [] }) - size + 1;
    } else {
      last.Items.push(item);
      room -= size;
    }
  }
  return batches;
}

/** How many items an input stands for: a batch for all of its own. */
export function itemsIn({ state }: Visit, input: Json): number {
  if (state.fields.ItemBatcher === undefined || !isJsonObject(input)) return 1;
  return (input["Items"] as readonly Json[]).length;
}
