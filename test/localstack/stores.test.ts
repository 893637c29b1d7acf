import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { dynamoItems } from "../../engine/aws/dynamo-items.ts";
import { s3Blobs } from "../../engine/aws/s3-blobs.ts";
import { blobsContract, itemsContract } from "../unit/store/contract.ts";
import { createItemsTable } from "../unit/store/dynoxide.ts";

/** Both stores through LocalStack's own front; what stands behind DynamoDB there is the process that unit tests use. */
itemsContract(
  "DynamoDB of LocalStack",
  async () => {
    const client = new DynamoDBClient();
    const table = `contract-${randomUUID()}`;
    await createItemsTable(client, table);
    return { items: dynamoItems(client, table), close: async () => client.destroy() };
  },
  { runs: 5, prefixesIgnoreCase: "dynoxide 1.2.1 matches begins_with as SQL LIKE; DynamoDB heeds case" },
);

blobsContract("S3 of LocalStack", async () => {
  const client = new S3Client();
  const bucket = `contract-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return { blobs: s3Blobs(client, bucket), close: async () => client.destroy() };
});
