import * as z from "zod";

/** A task's result that lies in the blob store; other tasks read it with `blobs.read(reference)`. */
export const BlobReference = z.object({
  /** Key in the store, below the run's own prefix. */
  blob: z.string(),
  /** Bytes of the result's JSON. */
  size: z.number(),
  sha256: z.string(),
});
export type BlobReference = z.infer<typeof BlobReference>;
