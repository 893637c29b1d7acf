import { forceRelease, readLock, readLocks, type LockParty, type LockState } from "../../coordination/lock-state.ts";
import type { Items } from "../../store/items.ts";
import { confirm } from "../confirm.ts";
import { formatDuration, formatTime } from "../duration.ts";
import { styled, type Output } from "../output.ts";
import { partyOf, partyText, type Party } from "../party.ts";
import { withWorld, type PlatformOptions } from "../session.ts";
import { formatTable } from "../table.ts";

type NamedParty = Party & LockParty;

interface ShownLock extends LockState {
  readonly holder?: NamedParty & NonNullable<LockState["holder"]>;
  readonly waiting: readonly NamedParty[];
}

/** `millrace locks`: answers `{ locks }`: those that flows hold, and those that somebody waits for. */
export async function locks(output: Output, options: PlatformOptions): Promise<void> {
  await withWorld(options.stack, async ({ world }) => {
    const states = await readLocks(world);
    const shown = await Promise.all(states.map((state) => shownLock(world.items, state)));
    const texts = shown.map((lock) => lockText(lock, world.now()));
    output.result({ locks: shown }, texts.length === 0 ? "No lock is held or waited for." : texts.join("\n"));
  });
}

async function shownLock(items: Items, { holder, waiting, ...lock }: LockState): Promise<ShownLock> {
  return {
    ...lock,
    ...(holder === undefined ? {} : { holder: await named(items, holder) }),
    waiting: await Promise.all(waiting.map((waiter) => named(items, waiter))),
  };
}

async function named<P extends LockParty>(items: Items, party: P): Promise<P & NamedParty> {
  return { ...(await partyOf(items, party.run)), ...party };
}

function lockText({ name, holder, waiting, more }: ShownLock, now: number): string {
  const lines = waiting.length === 0 ? "" : `, ${waiting.length}${more ? "+" : ""} in line`;
  const rows = [
    ...(holder === undefined ? [] : [["  holds", ...partyText(holder, now), holder.step, untilText(holder)]]),
    ...waiting.map((waiter) => ["  waits", ...partyText(waiter, now), waiter.step]),
  ];
  return `${styled("bold", name)}  ${holder === undefined ? "free" : "held"}${lines}\n${formatTable(rows)}`.trimEnd();
}

function untilText({ expiresAt }: NonNullable<LockState["holder"]>): string {
  return expiresAt === undefined ? "" : `until ${formatTime(expiresAt)}`;
}

export interface ReleaseOptions extends PlatformOptions {
  readonly yes?: boolean;
}

/** `millrace locks release`: answers `{ name, released, from }`. @throws MillraceError `LockNotHeld`, `InvalidRequest` */
export async function release(output: Output, name: string, options: ReleaseOptions): Promise<void> {
  await withWorld(options.stack, async ({ world }) => {
    const { holder, fence } = await readLock(world, name);
    const question = `Lock "${name}" ${holder === undefined ? "is free" : heldBy(holder, world.now())}. Release it?`;
    const released = holder === undefined || (await confirm(question, output, options.yes));
    if (released) await forceRelease(world, { name, fence });
    const text = released ? `Lock "${name}" is released; whoever was first in line has it.` : "Nothing was changed.";
    output.result({ name, released, from: holder?.run }, text);
  });
}

function heldBy({ run, step, since }: LockParty, now: number): string {
  return `is held by run ${run} (${step}) for ${formatDuration(Math.max(0, now - since))}, which is not stopped`;
}
