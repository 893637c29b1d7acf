import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  S3ServiceException,
  type S3Client,
} from "@aws-sdk/client-s3";
import { checkBlobKey } from "../store/blob-key.ts";
import type { Blobs } from "../store/blobs.ts";

/** The blob port over an S3 bucket, whose keys come in order of their bytes. */
export function s3Blobs(client: S3Client, bucket: string): Blobs {
  const at = (key: string) => {
    checkBlobKey(key);
    return { Bucket: bucket, Key: key };
  };
  return {
    put: async (key, bytes) => {
      await client.send(new PutObjectCommand({ ...at(key), Body: bytes }));
    },
    putIfAbsent: async (key, bytes) => {
      const put = () => client.send(new PutObjectCommand({ ...at(key), Body: bytes, IfNoneMatch: "*" }));
      const first = await unless(
        412,
        unless(409, put()).then((answer) => answer ?? put()),
      );
      return first !== undefined;
    },
    get: async (key) => {
      const found = await unless(404, client.send(new GetObjectCommand(at(key))));
      return found?.Body?.transformToByteArray();
    },
    head: async (key) => {
      const found = await unless(404, client.send(new HeadObjectCommand(at(key))));
      return found && { key, size: found.ContentLength ?? 0 };
    },
    list: async function* (prefix) {
      for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
        for (const { Key: key = "", Size: size = 0 } of page.Contents ?? []) yield { key, size };
      }
    },
    delete: async (key) => {
      await client.send(new DeleteObjectCommand(at(key)));
    },
  };
}

/** The answer, or nothing where the service refuses with this status. */
async function unless<T>(status: number, request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    const refused = error instanceof S3ServiceException && error.name !== "NoSuchBucket";
    if (refused && error.$metadata.httpStatusCode === status) return undefined;
    throw error;
  }
}
