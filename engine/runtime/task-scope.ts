import type { Json, JsonObject } from "../model/json.ts";
import type { RunContext } from "../model/wire.ts";
import type { Blobs } from "../store/blobs.ts";
import type { Items } from "../store/items.ts";
import type { BlobReference } from "../model/blob-reference.ts";

/** What a task reaches its platform through: its second argument, and nothing else. */
export interface TaskScope {
  readonly log: Log;
  /** Items of the task's own domain. */
  readonly items: Items;
  /** Blobs of the task's own domain. */
  readonly blobs: TaskBlobs;
  readonly run: TaskRun;
  readonly context: RunContext;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Aborts when the attempt's time is over. */
  readonly signal: AbortSignal;
}

export interface TaskBlobs extends Blobs {
  /** The result of a task that was declared with `resultAs: "blob"`. */
  read(reference: BlobReference): Promise<Json>;
}

export interface TaskRun {
  readonly id: string;
  readonly workflow: string;
  readonly stack: string;
  readonly step: string;
  /** 1 for the first. */
  readonly attempt: number;
}

/** Structured lines that `millrace logs <id>` finds again. */
export interface Log {
  debug(message: string, fields?: JsonObject): void;
  info(message: string, fields?: JsonObject): void;
  warn(message: string, fields?: JsonObject): void;
  error(message: string, fields?: JsonObject): void;
}
