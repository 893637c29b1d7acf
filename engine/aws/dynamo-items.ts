import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type AttributeValue,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { OPEN_INDEX } from "../model/wire.ts";
import type { Condition } from "../store/condition.ts";
import { readCursor, writeCursor } from "../store/cursor.ts";
import type { Item, Items, Key, Page, Query, Written } from "../store/items.ts";
import { marshalItem, marshalKey, unmarshalItem } from "./dynamo-attribute.ts";
import { aliases, conditionText, updateText, type Aliases } from "./expression.ts";

/**
 * The item port over a DynamoDB table with key (pk, sk), index `open` (gk, gs; keys only) and TTL attribute `ttl`. The
 * client retries what is throttled and what got no answer; so a write may be refused because it already happened.
 */
export function dynamoItems(client: DynamoDBClient, table: string): Items {
  const conditional = (when: Condition | undefined, use: Aliases) => ({
    TableName: table,
    ...(when && {
      ConditionExpression: conditionText(when, use),
      ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
    }),
  });
  return {
    get: async (key, options) => {
      const read = { TableName: table, Key: marshalKey(key), ConsistentRead: options?.consistent === true };
      const { Item: found } = await client.send(new GetItemCommand(read));
      return found && unmarshalItem(found);
    },
    put: async (item, options) => {
      const use = aliases();
      const put = { ...conditional(options?.when, use), Item: marshalItem(item), ...use.maps() };
      return written(client.send(new PutItemCommand(put)), () => unmarshalItem(put.Item));
    },
    update: async (key, update, options) => {
      const use = aliases();
      const text = updateText(update, use);
      const request = {
        ...conditional(options?.when, use),
        Key: marshalKey(key),
        ...(text !== undefined && { UpdateExpression: text }),
        ReturnValues: "ALL_NEW" as const,
        ...use.maps(),
      };
      return written(client.send(new UpdateItemCommand(request)), (after) => after ?? bare(key));
    },
    delete: async (key, options) => {
      const use = aliases();
      const request = {
        ...conditional(options?.when, use),
        Key: marshalKey(key),
        ReturnValues: "ALL_OLD" as const,
        ...use.maps(),
      };
      return written(client.send(new DeleteItemCommand(request)), (before) => before ?? bare(key));
    },
    query: async (query) => {
      const use = aliases();
      const [partition, sort] = query.index === OPEN_INDEX ? (["gk", "gs"] as const) : (["pk", "sk"] as const);
      const range = rangeText(query.sk, sort, use);
      if (range === undefined) return { items: [] };
      const answer = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: `${use.name(partition)} = ${use.value(query.pk)}${range}`,
          ...use.maps(),
          ScanIndexForward: query.reverse !== true,
          Limit: Math.min(query.limit ?? 1_000, 1_000),
          ...(query.index === OPEN_INDEX ? { IndexName: OPEN_INDEX } : { ConsistentRead: query.consistent === true }),
          ...(query.cursor !== undefined && { ExclusiveStartKey: startKey(query.pk, readCursor(query.cursor)) }),
        }),
      );
      return page(answer.Items ?? [], answer.LastEvaluatedKey);
    },
  };
}

/** An item that has only its key. */
function bare({ pk, sk }: Key): Item {
  return { pk, sk };
}

async function written(
  request: Promise<{ readonly Attributes?: Record<string, AttributeValue> | undefined }>,
  outcome: (attributes: Item | undefined) => Item,
): Promise<Written> {
  try {
    const { Attributes: attributes } = await request;
    return { ok: true, item: outcome(attributes && unmarshalItem(attributes)) };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { ok: false, item: error.Item && unmarshalItem(error.Item) };
  }
}

/** What a range adds to the key condition; nothing at all where no key can lie in it. No key is the empty text. */
function rangeText(range: Query["sk"], sort: "sk" | "gs", use: Aliases): string | undefined {
  if (range === undefined) return "";
  if ("prefix" in range) {
    return range.prefix === "" ? "" : ` AND begins_with(${use.name(sort)}, ${use.value(range.prefix)})`;
  }
  const { from = "", to } = range;
  if (to === undefined) return from === "" ? "" : ` AND ${use.name(sort)} >= ${use.value(from)}`;
  if (Buffer.compare(Buffer.from(from), Buffer.from(to)) > 0 || to === "") return undefined;
  if (from === "") return ` AND ${use.name(sort)} <= ${use.value(to)}`;
  return ` AND ${use.name(sort)} BETWEEN ${use.value(from)} AND ${use.value(to)}`;
}

/** The place in a cursor is [sk], in one of the index [gs, pk, sk]. */
function startKey(partition: string, place: readonly string[]): Record<string, AttributeValue> {
  const [first = "", pk, sk = ""] = place;
  if (pk === undefined) return marshalKey({ pk: partition, sk: first });
  return { ...marshalKey({ pk, sk }), gk: { S: partition }, gs: { S: first } };
}

function page(items: Record<string, AttributeValue>[], last: Record<string, AttributeValue> | undefined): Page {
  const end = last && (unmarshalItem(last) as Item & { readonly gs?: string });
  const place = end && (end.gs === undefined ? [end.sk] : [end.gs, end.pk, end.sk]);
  return { items: items.map(unmarshalItem), ...(place && { cursor: writeCursor(place) }) };
}
