import { createHash } from "node:crypto";
import type { BlobReference } from "../model/blob-reference.ts";
import type { Json } from "../model/json.ts";
import { RESULT_PREFIX } from "../model/wire.ts";
import type { Blobs } from "../store/blobs.ts";

/** Puts the JSON text of a task's result below its run's own prefix. */
export async function putResult(blobs: Blobs, run: string, text: string): Promise<BlobReference> {
  const bytes = Buffer.from(text, "utf8");
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const reference = { blob: `${RESULT_PREFIX}${run}/${sha256}`, size: bytes.length, sha256 };
  await blobs.put(reference.blob, bytes);
  return reference;
}

/** Nothing where there is no such result, or none any longer. */
export async function getResult(blobs: Blobs, { blob }: BlobReference): Promise<Json | undefined> {
  // A domain's blobs are none of another task's business, whatever a reference says.
  const bytes = blob.startsWith(RESULT_PREFIX) ? await blobs.get(blob) : undefined;
  return bytes === undefined ? undefined : (JSON.parse(Buffer.from(bytes).toString("utf8")) as Json);
}
