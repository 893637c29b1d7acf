import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, it } from "vitest";
import { dynamoItems } from "../../engine/aws/dynamo-items.ts";
import { round } from "../faults/round.ts";
import { createItemsTable } from "../unit/store/dynoxide.ts";

const RUNS = 200;
const A_ROUND = 50;

it("nothing leaks after one sweep, whatever fails, over the DynamoDB of LocalStack", { timeout: 300_000 }, async () => {
  const client = new DynamoDBClient();
  const table = `faults-${randomUUID()}`;
  await createItemsTable(client, table);
  const items = dynamoItems(client, table);
  for (let runs = 0, seed = 1; runs < RUNS; seed += 1) {
    const outcome = await round(items, A_ROUND, seed);
    expect(outcome).toMatchObject({ seed, problems: [] });
    runs += outcome.runs;
  }
  client.destroy();
});
