/** The blob port: whole byte strings by key. Keys are `/`-separated and hold no empty, `.` or `..` part. */
export interface Blobs {
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** False, and nothing written, where the key is taken. */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean>;
  get(key: string): Promise<Uint8Array | undefined>;
  head(key: string): Promise<BlobInfo | undefined>;
  /** Every blob whose key starts with the prefix, in order of the keys' bytes. */
  list(prefix: string): AsyncIterable<BlobInfo>;
  /** Nothing happens where there is none. */
  delete(key: string): Promise<void>;
}

export interface BlobInfo {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
}
