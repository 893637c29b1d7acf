/** The entry point `millrace/testing`. */
export { direct, type DirectOptions } from "./direct.ts";
export { fake, type Answers, type Fake } from "./fake.ts";
export { randomFaults, type Fault, type FaultInjector, type FaultKind } from "./faults.ts";
export type { EventAnswers } from "./flow-events.ts";
export { FlowMistake } from "./flow-mistake.ts";
export { memoryBlobs } from "./memory-blobs.ts";
export { memoryItems } from "./memory-items.ts";
export { recorded, recordedError, type Recorded, type RecordedError, type Recording } from "./recorded.ts";
export { testOf, type RecordedRun, type TestOptions } from "./test-of.ts";
export { newTrace, type ChildRun, type EventWait, type TaskCall, type Trace, type TraceEvent } from "./trace.ts";
