/**
 * Dollars in us-east-1 for arm64, without free tiers. AWS's own pages were read for transitions and for the storage of items;
 * the others are as third parties report them.
 */
export const PRICES = {
  date: "2026-11-01",
  region: "us-east-1",
  /** aws.amazon.com/step-functions/pricing: each state that a Standard workflow enters, retries too. */
  transition: 0.025 / 1_000,
  /** aws.amazon.com/lambda/pricing */
  lambdaRequest: 0.2 / 1_000_000,
  lambdaGiBSecond: 0.0000133334,
  /** aws.amazon.com/dynamodb/pricing/on-demand: items of up to 1 KB. */
  writeUnit: 0.625 / 1_000_000,
  readUnit: 0.125 / 1_000_000,
  itemGiBMonth: 0.25,
  /** Continuous backups. */
  backupGiBMonth: 0.2,
  /** aws.amazon.com/eventbridge/pricing: an invocation by Scheduler; events of Step Functions itself are free. */
  schedulerInvocation: 1 / 1_000_000,
  /** aws.amazon.com/sqs/pricing */
  queueRequest: 0.4 / 1_000_000,
  /** aws.amazon.com/cloudwatch/pricing: a log that is written, and kept. */
  logGiB: 0.5,
  logGiBMonth: 0.03,
} as const;

/** What no source says and the money depends on; `millrace plan` prints it. */
export const ASSUMED = {
  taskSeconds: 0.2,
  /** Of Millrace's own functions. A sweep that finds a run open looks again 20 s later, and once more. */
  ownSeconds: 0.05,
  memoryGiB: 0.5,
  readUnitsPerRun: 6,
  /** What Lambda and the function log in one invocation, and how long that is kept where nothing else is asked for. */
  logBytes: 600,
  logMonths: 3,
  /** A record or an edge of a run. */
  itemBytes: 500,
  /** Lambda keeps five requests of 20 s open at the queue of events, whether something comes or not. */
  pollsPerMinute: 15,
} as const;

export const ASSUMPTIONS: readonly string[] = [
  `a task takes ${ASSUMED.taskSeconds * 1000} ms and a function of Millrace's own ${ASSUMED.ownSeconds * 1000} ms, each with ${ASSUMED.memoryGiB * 1024} MiB`,
  `a run reads ${ASSUMED.readUnitsPerRun} units, an invocation logs ${ASSUMED.logBytes} bytes for ${ASSUMED.logMonths} months, an item of a run has ${ASSUMED.itemBytes} bytes`,
  `no other run is open when a sweep looks, and the queue of events is asked ${ASSUMED.pollsPerMinute} times a minute`,
  "no retry, no free tier; what tasks do by themselves (items, blobs, requests) is not known",
];
