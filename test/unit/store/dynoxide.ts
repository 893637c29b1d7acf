import { execFile, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { CreateTableCommand, DynamoDBClient, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { dynamoItems } from "../../../engine/aws/dynamo-items.ts";
import type { Items } from "../../../engine/store/items.ts";

const BINARY = fileURLToPath(new URL("../../../node_modules/@dynoxide/linux-x64/dynoxide", import.meta.url));

/** Why the DynamoDB store cannot be tested here and how it can, or nothing. */
export const noDynoxide = existsSync(BINARY)
  ? undefined
  : "skipped: the package @dynoxide/linux-x64 (a DynamoDB emulator, Linux on x64 only) is not installed; run `npm ci` on such a machine, or `npm run test:localstack`";

export interface Dynoxide extends AsyncDisposable {
  readonly client: DynamoDBClient;
  /** The item store over a new, empty table. */
  table(): Promise<Items>;
}

export async function startDynoxide(): Promise<Dynoxide> {
  const port = await freePort();
  const server = execFile(BINARY, ["serve", "--host", "127.0.0.1", "--port", String(port)]);
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 10,
  });
  return {
    client,
    table: async () => {
      const name = `items-${randomUUID()}`;
      await createItemsTable(client, name);
      return dynamoItems(client, name);
    },
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await stop(server);
    },
  };
}

/** The table as the deployed stack has it. */
export async function createItemsTable(client: DynamoDBClient, name: string): Promise<void> {
  const text = (attribute: string) => ({ AttributeName: attribute, AttributeType: "S" as const });
  const keys = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: "HASH" as const },
    { AttributeName: range, KeyType: "RANGE" as const },
  ];
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "sk", "gk", "gs"].map(text),
      KeySchema: keys("pk", "sk"),
      GlobalSecondaryIndexes: [
        { IndexName: "open", KeySchema: keys("gk", "gs"), Projection: { ProjectionType: "KEYS_ONLY" } },
      ],
    }),
  );
  const ttl = { Enabled: true, AttributeName: "ttl" };
  await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification: ttl }));
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

async function stop(server: ChildProcess): Promise<void> {
  const exited = once(server, "exit");
  server.kill("SIGKILL");
  await exited;
}
