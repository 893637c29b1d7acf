import { createHash } from "node:crypto";
import type { Items, JsonObject, Key } from "millrace";
import * as z from "zod";
import { SendStatus } from "./models.ts";

/** The item of a snapshot. `payload` is the very text that is sent. */
const Snapshot = z.object({
  payload: z.string(),
  /** SHA-256 of the payload in hex. */
  checksum: z.string(),
  /** Absent until sending was tried. */
  status: SendStatus.optional(),
});

const DEPLOYMENT: Key = { pk: "deployment", sk: "id" };

/** Says nothing of who runs it: the id of the run that first asked. */
export async function deploymentId(items: Items, run: string): Promise<string> {
  const { item } = await items.update(DEPLOYMENT, { setIfAbsent: { id: run } });
  return z.string().parse(item?.["id"]);
}

export async function storeSnapshot(items: Items, id: string, data: JsonObject): Promise<void> {
  const payload = JSON.stringify(data);
  await items.put({ ...snapshotKey(id), payload, checksum: createHash("sha256").update(payload).digest("hex") });
}

export async function readSnapshot(items: Items, id: string): Promise<z.infer<typeof Snapshot>> {
  return Snapshot.parse(await items.get(snapshotKey(id), { consistent: true }));
}

export async function setSendStatus(items: Items, id: string, status: SendStatus): Promise<SendStatus> {
  await items.update(snapshotKey(id), { set: { status } });
  return status;
}

function snapshotKey(id: string): Key {
  return { pk: "snapshots", sk: id };
}
