import { toError } from "../model/errors.ts";
import type { StateMachine } from "../model/machine.ts";
import { versionsOf, type Version } from "./definition.ts";

export interface PublishedVersion extends Version {
  /** Milliseconds since the epoch. */
  readonly publishedAt: number;
}

/** Machines and functions of a stack, as far as pruning is concerned. */
export interface DeployedVersions {
  /** The definition that new executions get, by the ARN of any execution of the machine; nothing where there is none. */
  current(execution: string): Promise<StateMachine | undefined>;
  /** The definition that an execution has, and since when new ones got it; nothing where it is gone. */
  definitionOf(execution: string): Promise<{ readonly machine: StateMachine; readonly since: number } | undefined>;
  /** ARNs and starts of the machine's executions that run, newest first. */
  running(execution: string): AsyncIterable<{ readonly execution: string; readonly startedAt: number }>;
  /** All versions of a function. */
  versions(name: string): Promise<readonly PublishedVersion[]>;
  delete(version: Version): Promise<void>;
}

export interface Pruned {
  /** `millrace_git:7` */
  readonly deleted: readonly string[];
  /** What could not be done, one line each. */
  readonly problems: readonly string[];
}

const DAY_MS = 86_400_000;
/** After an update of a machine new executions may get the definition from before for some seconds. */
const UPDATE_LAG_MS = 60_000;
/** Executions that are asked for their definition, and versions that are deleted, in one pass. */
const ASKED_MAX = 100;
const DELETED_MAX = 50;

/**
 * Deletes the versions of functions that nobody needs any more: replaced for a day, and named neither by a machine's
 * current definition nor by that of an execution that runs. Where it cannot be known what is named, nothing is deleted.
 * @param machines the ARN of any execution of each machine
 */
export async function pruneVersions(
  deployed: DeployedVersions,
  machines: readonly string[],
  now: number,
): Promise<Pruned> {
  const problems: string[] = [];
  const named = new Set<string>();
  const functions = new Set<string>();
  for (const machine of machines) {
    for (const version of versionsIn(await deployed.current(machine))) {
      named.add(textOf(version));
      functions.add(version.function);
    }
  }
  const candidates: Version[] = [];
  for (const name of functions) {
    try {
      candidates.push(...unneeded(await deployed.versions(name), named, now));
    } catch (error) {
      problems.push(`The versions of ${name} could not be listed: ${toError(error).message}`);
    }
  }
  if (candidates.length === 0) return { deleted: [], problems };
  for (const machine of machines) await addRunning(deployed, machine, named);
  const deleted: string[] = [];
  for (const version of candidates.filter((one) => !named.has(textOf(one))).slice(0, DELETED_MAX)) {
    try {
      await deployed.delete(version);
      deleted.push(textOf(version));
    } catch (error) {
      problems.push(`The version ${textOf(version)} could not be deleted: ${toError(error).message}`);
    }
  }
  return { deleted, problems };
}

/**
 * The versions of one function that were replaced more than a day ago, which no deployment may roll back to, and that
 * are not named.
 */
export function unneeded(
  versions: readonly PublishedVersion[],
  named: ReadonlySet<string>,
  now: number,
): PublishedVersion[] {
  const ordered = versions.toSorted((left, right) => Number(left.version) - Number(right.version));
  return ordered.filter((version, index) => {
    const replacedAt = ordered[index + 1]?.publishedAt ?? now;
    return now - replacedAt > DAY_MS && !named.has(textOf(version));
  });
}

/** Adds what the executions that run name. Those that started under one definition are asked once. */
async function addRunning(deployed: DeployedVersions, machine: string, named: Set<string>): Promise<void> {
  let since = Infinity;
  let asked = 0;
  for await (const { execution, startedAt } of deployed.running(machine)) {
    if (startedAt > since + UPDATE_LAG_MS) continue;
    asked += 1;
    if (asked > ASKED_MAX) throw new Error(`${ASKED_MAX} executions like ${execution} have definitions of their own`);
    const definition = await deployed.definitionOf(execution);
    if (definition === undefined) continue;
    for (const version of versionsIn(definition.machine)) named.add(textOf(version));
    since = definition.since;
  }
}

function versionsIn(machine: StateMachine | undefined): Version[] {
  return machine === undefined ? [] : versionsOf(machine);
}

function textOf(version: Version): string {
  return `${version.function}:${version.version}`;
}
