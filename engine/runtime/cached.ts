import { createHash } from "node:crypto";
import { cacheKey } from "../coordination/keys.ts";
import { claimResult, giveUpResult, keepResult, type Claim, type KeptResult } from "../coordination/task-cache.ts";
import type { BlobReference } from "../model/blob-reference.ts";
import { byteLength, canonicalJson, type Json } from "../model/json.ts";
import { templateValues } from "../model/run-name.ts";
import { parse } from "../model/schema.ts";
import type { Key } from "../store/items.ts";
import { getResult, putResult } from "./blob-result.ts";
import type { TaskHost } from "./invoke.ts";
import type { TaskScope } from "./task-scope.ts";
import type { CacheOptions, Task } from "./task.ts";

/** What a call of a task came to. */
export interface TaskResult {
  readonly value: Json;
  /** Where it lies in the blob store, if it does. */
  readonly reference?: BlobReference;
}

/** The attempt that a call belongs to. */
export interface Attempt {
  readonly host: TaskHost;
  readonly scope: TaskScope;
  /** In milliseconds since the epoch. */
  readonly endsAt: number;
  /** Cached calls so far. */
  calls: number;
}

/** Texts above this go to the blob store: an item has at most 400 KB, and each KB of a write costs. */
const INLINE_LIMIT_BYTES = 32_768;

/**
 * The result of a call of a task with a cache: that of an earlier call with the same key, or that of `body`, whose
 * failure is never kept. A result that the output schema refuses by now, or whose blob is gone, is worked out again.
 */
export async function cached(
  task: Task,
  cache: CacheOptions,
  input: Json,
  attempt: Attempt,
  body: () => Promise<TaskResult>,
): Promise<TaskResult> {
  const { host, scope, endsAt } = attempt;
  const { name } = task.options;
  const key = keyOf(task, cache, input, host.domain);
  const { run, signal } = scope;
  const step = `${run.id}#${run.step}`;
  const owner = `${step}#${run.attempt}#${(attempt.calls += 1)}`;
  const call = { key, owner, step, attempt: run.attempt, endsAt, signal };
  const onWait = (other: string): void =>
    scope.log.info(`Waits for the result of "${name}" that run ${runOf(other)} works out`);
  let claim = await claimResult(host, call, onWait);
  while (claim.kept !== undefined) {
    const result = await usable(task, claim.kept, host);
    if (result !== undefined) {
      scope.log.info(`"${name}" is answered from the cache: run ${runOf(claim.owner)} worked it out`);
      return result;
    }
    claim = await claimResult(host, { ...call, refused: claim.epoch }, onWait);
  }
  return workOut(cache, key, claim, attempt, body);
}

async function workOut(
  { ttlSeconds }: CacheOptions,
  key: Key,
  { epoch }: Claim,
  { host, scope }: Attempt,
  body: () => Promise<TaskResult>,
): Promise<TaskResult> {
  // What goes wrong with the entry changes nothing about the task's own outcome: the lease ends by itself.
  const unkept = (error: unknown): void =>
    scope.log.warn("The cache could not be written", { error: (error as Error).message });
  let result: TaskResult;
  try {
    result = await body();
  } catch (error) {
    await giveUpResult(host.items, key, epoch).catch(unkept);
    throw error;
  }
  try {
    const kept = await keep(result, scope.run.id, host);
    await keepResult(host.items, key, epoch, kept, host.now() + ttlSeconds * 1000);
  } catch (error) {
    unkept(error);
  }
  return result;
}

async function keep({ value, reference }: TaskResult, run: string, { blobs }: TaskHost): Promise<KeptResult> {
  if (reference !== undefined) return { reference };
  const text = JSON.stringify(value) ?? "null";
  return byteLength(value) <= INLINE_LIMIT_BYTES ? { text } : { reference: await putResult(blobs, run, text) };
}

async function usable(task: Task, kept: KeptResult, { blobs }: TaskHost): Promise<TaskResult | undefined> {
  const isInline = "text" in kept;
  const found = isInline ? (JSON.parse(kept.text) as Json) : await getResult(blobs, kept.reference);
  const checked = found === undefined ? undefined : parse(task.options.output, found);
  if (checked?.ok !== true) return undefined;
  return { value: checked.value as Json, ...(isInline ? {} : { reference: kept.reference }) };
}

/** Told apart by what stands at the template's places, not by its text: `{a}-{b}` may read the same for two inputs. */
function keyOf(task: Task, { key }: CacheOptions, input: Json, domain: string): Key {
  const { name, resultAs = null } = task.options;
  const values = key === undefined ? input : templateValues(key, input);
  const text = canonicalJson([name, resultAs, key ?? null, values]);
  return cacheKey(domain, createHash("sha256").update(text).digest("hex"));
}

function runOf(owner: string): string {
  return owner.slice(0, owner.indexOf("#"));
}
