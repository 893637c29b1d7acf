/** The entry point `millrace/testing`. */
export { direct, type DirectOptions } from "./direct.ts";
export { memoryBlobs } from "./memory-blobs.ts";
export { memoryItems } from "./memory-items.ts";
export { newTrace, type ChildRun, type TaskCall, type Trace } from "./trace.ts";
