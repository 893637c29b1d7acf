import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { dynamoItems } from "../../../engine/aws/dynamo-items.ts";
import { s3Blobs } from "../../../engine/aws/s3-blobs.ts";
import { isNew } from "../../../engine/store/condition.ts";
import { fakeAws, type Answer } from "./fake-aws.ts";

/** What the contract suite cannot show on a healthy store. */
describe("items over DynamoDB", () => {
  const item = { pk: "RUN#1", sk: "#", owner: "me" };
  const stored = { pk: { S: "RUN#1" }, sk: { S: "#" }, owner: { S: "me" } };

  it("are written once more where the answer was lost: the writer may find its own item as the winner", async () => {
    const refused: Answer = { error: "ConditionalCheckFailedException", details: { Item: stored } };
    const answers: Answer[] = ["lost", refused];
    const requests = await fakeAws(() => answers.shift() ?? "lost");
    expect(await dynamoItems(new DynamoDBClient(), "table").put(item, { when: isNew })).toEqual({ ok: false, item });
    expect(requests).toHaveLength(2);
  });

  it("are written again where the table was throttled", async () => {
    const answers: Answer[] = [{ error: "ProvisionedThroughputExceededException" }, { body: {} }];
    await fakeAws(() => answers.shift() ?? "lost");
    expect(await dynamoItems(new DynamoDBClient(), "table").put(item)).toEqual({ ok: true, item });
  });

  it("are read strongly only where that is asked for, and never through the index", async () => {
    const requests = await fakeAws(() => ({ body: {} }));
    const items = dynamoItems(new DynamoDBClient(), "table");
    await items.get(item);
    await items.get(item, { consistent: true });
    await items.query({ pk: "a", consistent: true });
    await items.query({ pk: "a", consistent: true, index: "open" });
    expect(requests.map(({ body }) => body["ConsistentRead"])).toEqual([false, true, true, undefined]);
    expect(requests[3]?.body["IndexName"]).toBe("open");
  });

  it("raises what is neither a lost condition nor mended by asking again", async () => {
    await fakeAws(() => ({ error: "ResourceNotFoundException" }));
    const put = dynamoItems(new DynamoDBClient(), "table").put(item, { when: isNew });
    await expect(put).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });
});

describe("blobs over S3", () => {
  const taken: Answer = { error: "PreconditionFailed", status: 412 };
  const conflict: Answer = { error: "ConditionalRequestConflict", status: 409 };
  const written: Answer = { body: {} };
  it.each([
    ["a free key", [written], true],
    ["a taken key", [taken], false],
    ["a key that another request was about to write", [conflict, written], true],
    ["a key that another request then wrote", [conflict, taken], false],
  ])("put into %s if absent", async (_, given, expected) => {
    const answers = [...given];
    const requests = await fakeAws(() => answers.shift() ?? "lost");
    expect(await s3Blobs(new S3Client(), "bucket").putIfAbsent("a/b", new Uint8Array(1))).toBe(expected);
    expect(requests.map(({ action }) => action)).toEqual(given.map(() => "PUT /bucket/a/b?x-id=PutObject"));
  });

  it("raises what it may not do", async () => {
    await fakeAws(() => ({ error: "AccessDenied", status: 403 }));
    await expect(s3Blobs(new S3Client(), "bucket").get("a")).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
  });
});
