import { limitNames, maxOf, readLimits, setLimit, waitingOf, type LimitState } from "../../coordination/limits.ts";
import { getRun } from "../../coordination/run-record.ts";
import type { World } from "../../coordination/world.ts";
import { ErrorName, MillraceError } from "../../model/errors.ts";
import { LIMIT_MAX, limitBase } from "../../model/limit.ts";
import { styled, type Output } from "../output.ts";
import { partyOf, partyText, type Party } from "../party.ts";
import { withWorld, type PlatformOptions } from "../session.ts";
import { formatTable } from "../table.ts";

interface ShownLimit {
  /** With its key. */
  readonly name: string;
  readonly max: number;
  readonly holders: readonly Party[];
  /** Runs in line. */
  readonly waiting: number;
  /** `waiting` is a lower bound. */
  readonly more: boolean;
  /** The first in line, and why it waits. */
  readonly first?: Party & { readonly reason: string };
}

/** `millrace limits`: answers `{ limits }`: those of the catalogue, and each key of them that was used within a day. */
export async function limits(output: Output, options: PlatformOptions): Promise<void> {
  await withWorld(options.stack, async ({ world }) => {
    const used = await readLimits(world);
    const bases = new Set(used.map(({ name }) => limitBase(name)));
    const idle = limitNames(world).filter((name) => !bases.has(name));
    const shown = [
      ...(await Promise.all(used.map((state) => shownLimit(world, state)))),
      ...(await Promise.all(idle.map((name) => idleLimit(world, name)))),
    ].sort((left, right) => (left.name < right.name ? -1 : 1));
    const now = world.now();
    const texts = shown.map((limit) => limitText(limit, now));
    output.result({ limits: shown }, texts.length === 0 ? "The catalogue has no limits." : texts.join("\n"));
  });
}

async function shownLimit(world: World, { name, max, holders, waiting, more }: LimitState): Promise<ShownLimit> {
  const [first] = waiting;
  const run = first === undefined ? undefined : await getRun(world.items, first);
  const reason = run && (await waitingOf(world, run))?.reason;
  return {
    name,
    max,
    holders: await Promise.all(holders.map((holder) => partyOf(world.items, holder.run))),
    waiting: waiting.length,
    more,
    ...(run === undefined || reason === undefined
      ? {}
      : { first: { ...(await partyOf(world.items, run.id)), reason } }),
  };
}

async function idleLimit(world: World, name: string): Promise<ShownLimit> {
  return { name, max: await maxOf(world, name), holders: [], waiting: 0, more: false };
}

function limitText({ name, max, holders, waiting, more, first }: ShownLimit, now: number): string {
  const wait = waiting === 0 ? "" : `, ${waiting}${more ? "+" : ""} in line`;
  const rows = [
    ...holders.map((holder) => ["  holds", ...partyText(holder, now)]),
    ...(first === undefined ? [] : [["  first in line", ...partyText(first, now)]]),
  ];
  return [
    `${styled("bold", name)}  ${holders.length} of ${max} in use${wait}`,
    ...(rows.length === 0 ? [] : [formatTable(rows)]),
    ...(first === undefined ? [] : [`    ${first.reason}`]),
  ].join("\n");
}

/** `millrace limits set` and, without a number, `millrace limits reset`: answers `{ name, max }`. */
export async function set(
  output: Output,
  name: string,
  runs: string | undefined,
  options: PlatformOptions,
): Promise<void> {
  const max = runs === undefined ? undefined : Number(runs);
  if (Number.isNaN(max) || runs?.trim() === "") {
    const message = `The limit was not set: ${JSON.stringify(runs)} is no number of runs. Give a whole number from 1 to ${LIMIT_MAX}.`;
    throw new MillraceError(ErrorName.INVALID_REQUEST, message);
  }
  await withWorld(options.stack, async ({ world }) => {
    await setLimit(world, name, max);
    const now = await maxOf(world, name);
    const until = max === undefined ? ", as the catalogue has it" : `, until \`millrace limits reset ${name}\``;
    output.result({ name, max: now }, `The limit "${name}" lets ${now} run at once${until}.`);
  });
}
