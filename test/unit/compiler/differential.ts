import fc from "fast-check";
import { expect } from "vitest";
import { ErrorName } from "../../../engine/model/errors.ts";
import { steps } from "../../../engine/local/machine/steps.ts";
import { isJsonObject, overTheWire, type Json, type JsonObject } from "../../../engine/model/json.ts";
import type { StateMachine } from "../../../engine/model/machine.ts";
import { isRetried } from "../../../engine/model/retry.ts";
import type { WorkflowInfo } from "../../../engine/model/run.ts";
import type { SweepReport } from "../../../engine/model/sweep.ts";
import { childKey, splitWhere, withWhere } from "../../../engine/model/wire.ts";
import type {
  AcquireLocks,
  ChildSubmit,
  FlowLine,
  HeldLock,
  ReleaseLocks,
  WaitEvent,
} from "../../../engine/model/wire.ts";
import { checkTags, inScope, type Child, type Scope } from "../../../engine/runtime/scope.ts";
import type { Log } from "../../../engine/runtime/task-scope.ts";
import { MemoryCallbacks, named, START, trial } from "../machine/trial.ts";
import { Declined, type Input } from "./fixture/functions/orders/models.ts";
import type { Flow } from "./flows.ts";

/** What a run did: its calls, the tags it had at its end, and how it ended. */
interface Seen {
  readonly calls: (readonly [task: string, input: Json])[];
  readonly tags: Set<string>;
  /** What the flow itself logged. */
  readonly logs: string[];
  end: { readonly output: Json } | { readonly name: string; readonly message: string };
}

type Answer = { readonly value: Json } | { readonly name: string; readonly message: string };
type Answers = { readonly [task: string]: readonly Answer[] };

const text = fc.constantFrom(
  "",
  "a",
  "b",
  "open",
  'say "hi" \\ \n {% %} ${x}',
  "é😀",
  "x\n    at functions/a.ts:1",
  "$amount",
);
const integer = fc.integer({ min: -1, max: 5 });
const line = fc.record({ sku: text, quantity: integer, labels: fc.array(text, { maxLength: 2 }) });
const order = fc.record(
  {
    id: text,
    amount: fc.oneof(integer, fc.constantFrom(101, 0.5, 1e15)),
    urgent: fc.boolean(),
    note: text,
    coupon: fc.option(text),
    lines: fc.array(line, { maxLength: 2 }),
    address: fc.record({ street: text, "post-code": text }, { requiredKeys: ["street"] }),
  },
  { requiredKeys: ["id", "amount", "urgent", "coupon", "lines"] },
);
const input = fc.record(
  { id: text, branch: text, depth: integer, big: fc.boolean(), note: text, orders: fc.array(order, { maxLength: 3 }) },
  { requiredKeys: ["id", "depth", "big", "orders"] },
);

/** The service's own error: the function did not run, so neither its call nor the tags with it are seen. */
const UNREACHED = "Lambda.ResourceNotFoundException";
const error = fc.record({ name: fc.constantFrom("Declined", "Error", "InvalidInput", UNREACHED), message: text });
const answersOf = (value: fc.Arbitrary<unknown>, own?: Answer): fc.Arbitrary<Answer[]> => {
  const right = value.map((one) => ({ value: overTheWire(one) }));
  const wrong = own === undefined ? error : fc.oneof(error, fc.constant(own));
  return fc.array(fc.oneof({ arbitrary: right, weight: 6 }, { arbitrary: wrong, weight: 1 }), {
    minLength: 4,
    maxLength: 8,
  });
};
/** How a machine sees the end of a wait for a lock before it ends it, and how a flow does. */
const TIMED_OUT = { name: ErrorName.TIMEOUT, cause: "" };
const LATE = 'Lock "a" was not granted within 5 s.';
const UNANSWERED = 'Event "approval" was not answered within 60 s.';
const heldLock = fc.record({ name: text, fence: integer });
const answers: fc.Arbitrary<Answers> = fc.record({
  "load-order": answersOf(order),
  "list-orders": answersOf(fc.array(order, { maxLength: 3 })),
  charge: answersOf(fc.record({ receipt: text, approved: fc.boolean() })),
  reserve: answersOf(fc.boolean()),
  notify: answersOf(fc.constant(null)),
  ship: answersOf(text),
  "send-mail": answersOf(fc.constant(null)),
  execute: answersOf(fc.record({ shipped: text })),
  submit: answersOf(fc.record({ id: fc.constantFrom("run-2", "run-3") })),
  "millrace/sweep": answersOf(fc.record({ problems: fc.array(text, { maxLength: 2 }) })),
  wait: answersOf(fc.record({ approved: fc.boolean() }), { name: ErrorName.EVENT_TIMED_OUT, message: UNANSWERED }),
  acquire: answersOf(fc.tuple(heldLock, heldLock), { name: ErrorName.LOCK_TIMED_OUT, message: LATE }),
});

/** Answers each call of a task in turn, the list over and over; side by side there is no turn, and the input decides. */
function answering(
  given: Answers,
  seen: Seen,
  sideBySide: boolean,
): (task: string, value: Json, tags?: readonly string[]) => Json {
  const count = new Map<string, number>();
  return (task, value, tags = []) => {
    const at = sideBySide ? sumOf(JSON.stringify(value)) : (count.get(task) ?? 0);
    count.set(task, at + 1);
    const list = given[task] ?? [];
    const answer = list[at % list.length] ?? { value: null };
    checkTags(tags);
    if (!("name" in answer) || answer.name !== UNREACHED) {
      for (const tag of tags) seen.tags.add(tag);
      seen.calls.push([task, value]);
    }
    if ("value" in answer) return answer.value;
    const error = answer.name === "Declined" ? new Declined(answer.message) : named(answer.name, answer.message);
    throw WITHOUT_STACK.has(task) ? error : caused(error);
  };
}

/** Their errors come by a token. */
const WITHOUT_STACK: ReadonlySet<string> = new Set(["execute", "submit", "wait", "acquire"]);

/** As the wrapper of a task lets it go: some with an error that caused it. */
function caused(error: Error): Error {
  if (error.message === "a") error.cause = new TypeError('what "caused" it\n    at functions/b.ts:2');
  const cause = error.cause as TypeError | undefined;
  error.stack = withWhere(error.stack ?? "", "functions/a.ts:1", "local", "run-1", cause);
  return error;
}

function logInto({ logs }: Seen): Log {
  const write = (level: string) => (message: string, fields?: JsonObject) => {
    logs.push(JSON.stringify([level, message, fields ?? {}]));
  };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

let uuids = 0;

/** UUIDs by the order in which they are seen first. */
function numbered({ tags, ...others }: Seen): Seen {
  const seen: string[] = [];
  const text = JSON.stringify(others).replace(/uuid-\d+/g, (found) => {
    if (!seen.includes(found)) seen.push(found);
    return `uuid ${seen.indexOf(found)}`;
  });
  return { tags, ...(JSON.parse(text) as Omit<Seen, "tags">) };
}

function sumOf(text: string): number {
  return [...text].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 1009, 7);
}

/** The flow as the function that it is, each task retried as it declares. */
async function runDirectly(flow: Flow, parameters: JsonObject, given: Answers, sideBySide: boolean): Promise<Seen> {
  const seen: Seen = { calls: [], tags: new Set(), logs: [], end: { output: null } };
  const answer = answering(given, seen, sideBySide);
  let clock = START;
  const child = ({ workflow, ...asked }: Child): Json => overTheWire({ workflow: workflow.name, ...asked });
  const scope: Scope = {
    call: async (task, value) => {
      for (let attempt = 1; ; attempt++) {
        try {
          return answer(task.options.name, overTheWire(value));
        } catch (error) {
          if (!isRetried(task.options, attempt, (error as Error).name)) throw error;
        }
      }
    },
    addTags: async (tags) => tags.forEach((tag) => void seen.tags.add(tag)),
    log: logInto(seen),
    now: () => clock,
    uuid: () => `uuid-${++uuids}`,
    sleep: async (milliseconds) => void (clock += milliseconds),
    waitForEvent: async ({ name }, timeoutSeconds) => answer("wait", { event: name, timeoutSeconds }),
    executeWorkflow: async (asked) => answer("execute", child(asked)),
    submitWorkflow: async (asked) => answer("submit", child(asked)) as unknown as WorkflowInfo,
    sweep: async () => answer("millrace/sweep", {}) as unknown as SweepReport,
    acquireLocks: async (requests) => {
      const release = (): void => void seen.calls.push(["release", overTheWire(requests)]);
      try {
        const held = answer("acquire", overTheWire(requests)) as unknown as HeldLock[];
        return { held: requests.map((_, at) => held[at] as HeldLock), release: async () => release() };
      } catch (error) {
        release(); // a machine ends a wait that failed by the same state
        throw error;
      }
    },
  };
  const withDefaults = { branch: "main", ...(overTheWire(parameters) as JsonObject) } as unknown as Input;
  try {
    seen.end = { output: overTheWire(await inScope(scope, () => flow(withDefaults))) };
  } catch (error) {
    seen.end = { name: (error as Error).name, message: (error as Error).message };
  }
  return seen;
}

async function runMachine(
  machine: StateMachine,
  parameters: JsonObject,
  given: Answers,
  sideBySide: boolean,
): Promise<{ readonly seen: Seen; readonly entered: number }> {
  const seen: Seen = { calls: [], tags: new Set(), logs: [], end: { output: null } };
  const answer = answering(given, seen, sideBySide);
  const callbacks = new MemoryCallbacks();
  const children = new Set<string>();
  const lines = new Set<string>();
  let held: AcquireLocks | undefined;
  /** As whoever holds the token answers it, after the function that it was given to. */
  const later = (token: string, work: () => Json): Json => {
    try {
      callbacks.answer(token, { output: work() });
    } catch (error) {
      const { name, message } = error as Error;
      const cause = JSON.stringify({ errorType: name, errorMessage: message, run: "run-2" });
      const isLate = name === ErrorName.LOCK_TIMED_OUT || name === ErrorName.EVENT_TIMED_OUT;
      callbacks.answer(token, { error: isLate ? TIMED_OUT : { name, cause } });
    }
    return null;
  };
  const submit = (child: ChildSubmit): Json => {
    const { workflow, parameters, tags, context, token } = child;
    checkTags(tags ?? []);
    expect(children.has(childKey(child))).toBe(false);
    children.add(childKey(child));
    const asked = overTheWire({ workflow, parameters, tags, priority: context.priority });
    if (token !== undefined) return later(token, () => answer("execute", asked));
    return { ...(answer("submit", asked) as JsonObject), execution: "arn", existing: false };
  };
  const wait = ({ event, timeoutSeconds, token }: WaitEvent): Json => {
    return later(token, () => answer("wait", { event, timeoutSeconds }));
  };
  const lock = (request: AcquireLocks | ReleaseLocks): Json => {
    if ("release" in request) {
      expect(request).toMatchObject({ release: held?.acquire, run: held?.run, step: held?.step });
      held = undefined;
      seen.calls.push(["release", [request.release].flat() as unknown as Json]);
      if (request.timedOut === true) throw named(ErrorName.LOCK_TIMED_OUT, LATE);
      return null;
    }
    expect(held).toBe(undefined);
    held = request;
    const locks = [request.acquire].flat();
    return later(request.token, () => {
      const all = answer("acquire", locks as unknown as Json) as JsonObject[];
      return Array.isArray(request.acquire) ? all.slice(0, locks.length) : (all[0] ?? null);
    });
  };
  const call = (payload: Json): Json => {
    if (!isJsonObject(payload)) throw new Error("A payload is an object.");
    if ("event" in payload) return wait(payload as unknown as WaitEvent);
    if ("workflow" in payload) return submit(payload as unknown as ChildSubmit);
    if ("acquire" in payload || "release" in payload) return lock(payload as unknown as AcquireLocks | ReleaseLocks);
    const { task, input = null, tags = [], logs = [] } = payload;
    for (const { level, message, fields = {}, line } of logs as unknown as FlowLine[]) {
      if (!lines.has(line)) seen.logs.push(JSON.stringify([level, message, fields]));
      lines.add(line);
    }
    if (task !== "millrace/add-tags") return answer(task as string, input, tags as string[]);
    checkTags(input as string[]);
    for (const tag of input as string[]) seen.tags.add(tag);
    return null;
  };
  const tasks = new Proxy({}, { get: () => call });
  const { outcome, entries } = await trial(machine, { input: parameters, tasks, callbacks });
  // As settle does it when the run has ended.
  if (held !== undefined) seen.calls.push(["release", [held.acquire].flat() as unknown as Json]);
  if (outcome.status === "SUCCEEDED") seen.end = { output: outcome.output };
  else seen.end = { name: outcome.error ?? "", message: messageOf(outcome.cause ?? "") };
  const entered = steps(entries, machine, { startedAt: START, endedAt: START }).filter(({ attempt }) => attempt === 1);
  return { seen, entered: entered.length };
}

/** A cause is what a `throw` wrote, or Lambda's JSON. */
function messageOf(cause: string): string {
  const { message, at } = splitWhere(cause);
  if (at === undefined) return (JSON.parse(cause) as { readonly errorMessage: string }).errorMessage;
  expect(cause).toBe(withWhere(message, at, "local", "run-1"));
  return message;
}

/** Side by side there is no order. */
function inAnyOrder(calls: Seen["calls"]): Seen["calls"] {
  return calls.toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
}

/** How long to look for a difference, and where. */
export interface Search {
  readonly sideBySide: boolean;
  readonly numRuns: number;
  /** The same values each time. */
  readonly seed?: number;
}

/**
 * Runs a flow as the function that it is, and a machine, on random values. Answers how many states each run entered.
 * @throws where the two did not do the same
 */
export async function agree(flow: Flow, machine: StateMachine, search: Search): Promise<readonly number[]> {
  const { sideBySide, ...options } = search;
  const entered: number[] = [];
  const property = fc.asyncProperty(input, answers, async (parameters, given) => {
    const wire = overTheWire(parameters) as JsonObject;
    const direct = numbered(await runDirectly(flow, wire, given, sideBySide));
    const run = await runMachine(machine, wire, given, sideBySide);
    entered.push(run.entered);
    compare(numbered(run.seen), direct, sideBySide);
  });
  await fc.assert(property, { ...options, endOnFailure: options.seed !== undefined });
  return entered;
}

function compare(compiled: Seen, direct: Seen, sideBySide: boolean): void {
  expect(compiled.logs).toEqual(direct.logs);
  const [made, native] = [compiled.calls, direct.calls];
  if (sideBySide && "name" in direct.end) {
    // The first error ends a join, and stops what a function lets go on: which is first is not said.
    expect(compiled.end).toHaveProperty("name");
    expect(inAnyOrder(native)).toEqual(expect.arrayContaining([...made]));
    return;
  }
  expect(compiled.end).toEqual(direct.end);
  expect(sideBySide ? inAnyOrder(made) : made).toEqual(sideBySide ? inAnyOrder(native) : native);
  // Tags ride in calls: those of a call that no function took are lost with the run that it ends.
  if (!("name" in compiled.end) || compiled.end.name !== UNREACHED) expect(compiled.tags).toEqual(direct.tags);
}
