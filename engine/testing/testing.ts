/** The entry point `millrace/testing`. */
export { direct, newTrace, type DirectOptions, type TaskCall, type Trace } from "./direct.ts";
export { memoryBlobs } from "./memory-blobs.ts";
export { memoryItems } from "./memory-items.ts";
