import * as z from "zod";
import { eventAttributes } from "../../../engine/coordination/event-item.ts";
import { answerEvent, eventsOf, waitForEvent } from "../../../engine/coordination/events.ts";
import { runKey } from "../../../engine/coordination/keys.ts";
import { openEntries } from "../../../engine/coordination/open-index.ts";
import { settle } from "../../../engine/coordination/settle.ts";
import { submit } from "../../../engine/coordination/submit.ts";
import type { Answer, World } from "../../../engine/coordination/world.ts";
import { MillraceError } from "../../../engine/model/errors.ts";
import { defineEvent } from "../../../engine/model/event.ts";
import type { Item, Items } from "../../../engine/store/items.ts";
import { Chance } from "../../faults/chance.ts";
import { Crash, faultyItems, mortal, newFaults } from "../../faults/faulty.ts";
import { workflow } from "./definitions.ts";
import { fakeWorld } from "./fake-world.ts";

const APPROVAL = defineEvent({ name: "approval", schema: z.object({ by: z.number() }) });
const MERGE = workflow("merge", { events: [APPROVAL] });
const STEPS = ["approval[0]", "approval[1]"];
const TURNS = 30;
const AT_ONCE = 4;

/** A state that waits, from when it is entered until it is left. */
interface Entry {
  readonly step: string;
  readonly entered: string;
  readonly since: number;
  attempt: number;
  token?: string;
  by?: number;
  timedOut?: number;
}

/** What somebody answered, once or twice. */
interface Given {
  readonly step: string;
  readonly since: number;
  until?: number;
  accepted?: true;
}

/**
 * A run whose two states side by side wait for events, are tried again, time out and are entered again, while several
 * people answer, processes die before or after each call, responses get lost, and the run ends at last. Says what is wrong:
 * a state that a stale or another's answer woke, an answer that was accepted and got lost, a state that nothing wakes any
 * more, and what is left behind.
 */
export async function eventRace(items: Items, seed: number): Promise<string[]> {
  const chance = new Chance(seed);
  const faults = newFaults(chance);
  const base = fakeWorld(items, [MERGE]);
  const { id: run, execution } = await submit(base, MERGE, { workflow: MERGE.name, parameters: {} });
  const problems: string[] = [];
  const entries: Entry[] = [];
  const answers: Given[] = [];
  let turn = 0;
  let ended = false;

  const isLive = ({ by, timedOut }: Entry): boolean => !ended && by === undefined && timedOut === undefined;
  const oneOf = <T>(list: readonly T[]): T | undefined => list[chance.below(list.length)];

  /** As Step Functions does: a token is good for the attempt that it was made for, once. */
  const wake = (token: string, answer: Answer): "answered" | "gone" => {
    const entry = entries.find((one) => one.token === token && isLive(one));
    if (entry === undefined) return "gone";
    const by = (answer as { readonly output: { readonly by: number } }).output.by;
    const given = answers[by];
    entry.by = by;
    if (given?.step !== entry.step || (given.until ?? turn) < entry.since)
      problems.push(`${entry.step}, entered in turn ${entry.since}, was woken by ${JSON.stringify(given)}`);
    return "answered";
  };

  const process = (): World => {
    const once = mortal(faults);
    const answer = (token: string, given: Answer) => once(async () => wake(token, given));
    return { ...base, items: faultyItems(base.items, once), machines: { ...base.machines, answer } };
  };

  const enter = async (step: string): Promise<void> => {
    const last = entries.findLast((one) => one.step === step);
    if (ended || (last !== undefined && isLive(last))) return;
    base.time += 1;
    const entry = { step, entered: new Date(base.time).toISOString(), since: turn, attempt: 0 };
    entries.push(entry);
    await attempt(entry);
  };

  async function attempt(entry: Entry | undefined): Promise<void> {
    if (entry === undefined) return;
    const { step, entered } = entry;
    entry.attempt += 1;
    const token = `${step} ${entered} ${entry.attempt}`;
    entry.token = token;
    const about = { event: APPROVAL.name, run: execution, at: "functions/m/flows.ts:3", timeoutSeconds: 60 };
    await waitForEvent(process(), { ...about, step, entered, attempt: entry.attempt, token });
  }

  async function answer(step: string): Promise<void> {
    const given: Given = { step, since: turn };
    const by = answers.push(given) - 1;
    try {
      for (let times = 1 + chance.below(2); times > 0; times -= 1) {
        await answerEvent(process(), { command: "answer", run, step, answer: { value: { by } } });
        given.accepted = true;
      }
    } finally {
      given.until = turn;
    }
  }

  async function timeOut(entry: Entry | undefined): Promise<void> {
    if (entry !== undefined) entry.timedOut = turn;
  }

  const next = (): Promise<void> => {
    const roll = chance.next();
    const step = oneOf(STEPS) ?? "";
    const live = entries.filter(isLive);
    if (roll < 0.3) return enter(step);
    if (roll < 0.5) return attempt(oneOf(live));
    return roll < 0.95 ? answer(step) : timeOut(oneOf(live));
  };

  for (; turn < TURNS; turn += 1) {
    await Promise.all(Array.from({ length: 1 + chance.below(AT_ONCE) }, () => survive(next)));
  }

  faults.on = chance.hits(0.5);
  if (!faults.on) {
    for (const entry of entries.filter(isLive)) await survive(() => attempt(entry));
    for (const { step } of entries.filter(isLive)) await survive(() => answer(step));
    problems.push(...entries.filter(isLive).map(({ step }) => `${step} is woken by nothing any more`));
    const woken = STEPS.filter((step) => entries.findLast((one) => one.step === step)?.by !== undefined);
    const listed = (await eventsOf(base.items, run, base.time)).filter(({ step }) => woken.includes(step));
    problems.push(...listed.map(({ step }) => `${step} is listed, and waits no more`));
  }

  for (const [by, { step, accepted, since, until = turn }] of answers.entries()) {
    const met = entries.filter((one) => one.step === step && one.since <= until);
    const isLost = accepted === true && !met.some((one) => one.by === by);
    const mayBe = met.some((one) => isLive(one) || (one.timedOut ?? -1) >= since);
    if (isLost && !mayBe) problems.push(`the answer ${by} to ${step} was accepted, and woke nothing`);
  }

  ended = true;
  const end = { execution, status: "SUCCEEDED", startedAt: 1, endedAt: base.time, input: {}, output: null } as const;
  await Promise.all([survive(() => settle(process(), end)), ...STEPS.map((step) => survive(() => answer(step)))]);
  for (const entry of entries.slice(-2)) await survive(() => attempt(entry));
  faults.on = false;
  await settle(process(), end);
  const record: Item = (await base.items.get(runKey(run))) ?? { ...runKey(run) };
  const left = [...eventAttributes(record), ...["follows", "gk"].filter((name) => name in record)];
  problems.push(...left.map((name) => `the record has ${name} left`));
  if ((await openEntries(base.items)).length > 0) problems.push("the run is open");
  return problems;
}

/** A process that dies and an answer that is refused are no news. */
async function survive(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const refused =
      error instanceof MillraceError && ["NotWaiting", "AlreadyAnswered", "RunEnded"].includes(error.name);
    if (!refused && !(error instanceof Crash)) throw error;
  }
}
