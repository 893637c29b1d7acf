import { placeInLockLine, runKey } from "../../engine/coordination/keys.ts";
import { LEASE_MARGIN_MS, seenOf, type Claim } from "../../engine/coordination/lock-item.ts";
import type { LockVariables } from "../../engine/coordination/lock-variables.ts";
import { END_RANK, RANK } from "../../engine/model/run.ts";
import type { Item } from "../../engine/store/items.ts";
import type { Take } from "./explorer.ts";
import {
  ACQUISITION,
  claimOf,
  FAULTS,
  flowIn,
  flowKey,
  flowOf,
  lockOf,
  nameOf,
  released,
  tokenOf,
  type Fault,
  type Flow,
  type LockCase,
} from "./lock-case.ts";
import { surroundings } from "./lock-world.ts";
import { NOW, type Local } from "./pack.ts";
import { label, PackedModel, SWEEP } from "./packed-model.ts";

const [START, RELEASE, ABORT, TIMEOUT, AGAIN, LEASE, TIME] = [3, 4, 5, 6, 7, 8, 9];
const LABELS = [
  "",
  "crash: ",
  "sweep: ",
  "start of r",
  "release by r",
  "abort of r",
  "time-out of r",
  "again r",
  "lease over of l",
  "long ended r",
];

/** Locks, their lines, and flows that want all of them. */
export class LockModel extends PackedModel<LockVariables, Fault> {
  readonly #case: LockCase;
  readonly #locks: number;
  /** The first cell of a flow: its machine, then its record. */
  readonly #flows: number;
  readonly #settles = new Set<number>();
  readonly #renumbered: number[] = [];
  /** Of what the model begins with, by whatever tells one from another. */
  readonly #numbers = new Map<string, number>();
  /** It matters whose acquire dies. */
  readonly #retries: boolean;

  constructor(given: LockCase) {
    const { flows, locks = 1 } = given;
    super(1 + 2 * (locks + flows), 2 * flows + 5, FAULTS, given.faults ?? 0, surroundings(given));
    this.#case = given;
    this.#locks = locks;
    this.#retries = typeof given.faults === "number" || given.faults?.crash !== undefined;
    this.#flows = 1 + 2 * locks;
  }

  /** Who was told that it holds a lock, holds it. */
  override problem(state: Uint16Array): string | undefined {
    for (let flow = 0; flow < this.#case.flows; flow += 1) {
      const { status, told = {} } = this.#flow(state, flow) ?? {};
      if (status !== "holding") continue;
      for (let lock = 0; lock < this.#locks; lock += 1) {
        const { owner, fence } = seenOf(this.#lock(state, lock));
        if (owner !== nameOf(flow)) return "a flow works under a lock that it does not hold";
        if (fence !== told[lockOf(lock)]) return "a flow works under a fence that is not its own";
      }
    }
    return undefined;
  }

  /** What stands in line by then is of runs that have ended, and passed over when somebody waits again. */
  override isGood(state: Uint16Array): boolean {
    if (!this.isIdle(state)) return false;
    for (let lock = 0; lock < this.#locks; lock += 1) {
      const { owner, contended } = seenOf(this.#lock(state, lock));
      if (owner !== undefined || contended) return false;
    }
    for (let flow = 0; flow < this.#case.flows; flow += 1) if (!this.#hasEnded(state, flow)) return false;
    return true;
  }

  protected override events(state: Uint16Array, take: Take): void {
    for (let flow = 0; flow < this.#case.flows; flow += 1) this.#eventsOf(state, flow, take);
    if (this.#case.drains === true) this.#timePasses(state, take);
    if (this.isIdle(state)) {
      if (this.#case.sweep !== false) this.#sweep(state, take, undefined);
    } else if (this.left(state, "sweep")) this.#sweep(state, take, "sweep");
  }

  protected override changed(state: Uint16Array, next: Uint16Array, cell: number): string | undefined {
    if (cell < this.#flows) return this.#passed(state, next, cell);
    const flow = (cell - this.#flows) >> 1;
    const after = this.#flow(next, flow);
    if (this.#flow(state, flow)?.status !== "ended" && after?.status === "ended") this.#ended(next, flow, after);
    return undefined;
  }

  protected override strikes(state: Uint16Array, local: number): Fault | undefined {
    if (this.left(state, "crash")) return "crash";
    return this.#settles.has(local) && this.left(state, "lost") ? "lost" : undefined;
  }

  /** The state whose function died is tried again; an acquire then has a new token. */
  protected override died(next: Uint16Array, { ends = "" }: Local<LockVariables>): void {
    const [kind, name = ""] = ends.split(" ");
    const flow = Number(name.slice(1));
    if (kind === "release") this.begin(next, this.#release(flow));
    const before = kind === "acquire" ? this.#flow(next, flow) : undefined;
    if (before?.status !== "waiting") return;
    const after = { ...before, token: before.token + 1 };
    this.#become(next, flow, after);
    this.begin(next, this.#acquire(flow, after.token));
  }

  /**
   * Registrations only count up, and are only asked for being equal: while no process knows of any, all that matters is
   * whether somebody has registered since the line was last empty.
   */
  protected override renumber(next: Uint16Array): boolean {
    if (!this.isIdle(next)) return false;
    for (let lock = 0; lock < this.#locks; lock += 1) {
      const cell = 1 + 2 * lock;
      const number = next[cell] as number;
      next[cell] = this.#renumbered[number] ??= this.procedures.partitions.numberOf(
        this.procedures.partitions.at(number).map(({ registered, cleared, ...item }): Item => {
          return registered === cleared ? item : { ...(item as Item), registered: 1 };
        }),
      );
    }
    return false;
  }

  override label(packed: number): string {
    const [kind, detail] = [packed >>> 16, packed & 0xffff];
    return `${LABELS[kind] ?? ""}${kind <= SWEEP ? textOf(this.procedures.locals.at(detail)) : detail}`;
  }

  override show(state: Uint16Array): string {
    const cells = Array.from({ length: this.processes - 1 }, (_, cell) => this.text(state, cell + 1));
    return `    ${cells.join(" | ")} processes: ${this.atWork(state).map(textOf).join(", ")}`;
  }

  #eventsOf(state: Uint16Array, flow: number, take: Take): void {
    const before = this.#flow(state, flow);
    const to = (kind: number, fault: Fault | undefined, after: Flow, local: number): void => {
      const next = this.after(state, fault);
      this.#become(next, flow, after);
      if (before === undefined) next[this.#flows + 2 * flow + 1] = this.#record(flow);
      if (after.status === "ended") this.#ended(next, flow, after);
      this.begin(next, local);
      take(next, fault !== undefined, label(kind, flow), undefined);
    };
    if (before === undefined) {
      if (this.#case.inOrder === true && flow > 0 && this.#flow(state, flow - 1) === undefined) return;
      return to(START, undefined, { status: "waiting", token: 0 }, this.#acquire(flow, 0));
    }
    const { status, token, told } = before;
    const may = (fault: Fault): boolean => (this.#case.faulty ?? flow) === flow && this.left(state, fault);
    if (status === "holding") to(RELEASE, undefined, { status: "releasing", token }, this.#release(flow));
    if (status === "waiting" && may("timeout")) {
      to(TIMEOUT, "timeout", { status: "releasing", token }, this.#release(flow));
    }
    if (status === "waiting" && may("again")) to(AGAIN, "again", before, this.#acquire(flow, token));
    if (status !== "ended" && may("abort")) {
      const works = status === "holding" && told !== undefined ? { works: true as const, told } : {};
      to(ABORT, "abort", { status: "ended", token, failed: true, ...works }, 0);
    }
  }

  /**
   * A lease is over, and its holder ended long before; or a run ended so long ago that no task of it is at work under what
   * it is granted now.
   */
  #timePasses(state: Uint16Array, take: Take): void {
    const holders = new Set<unknown>();
    for (let lock = 0; lock < this.#locks; lock += 1) {
      const item = this.#lock(state, lock);
      holders.add(item?.["owner"]);
      if (item?.["expiresAt"] === undefined || Number(item["expiresAt"]) < NOW) continue;
      const next = this.after(state);
      next[1 + 2 * lock] = this.procedures.partitions.numberOf([{ ...item, expiresAt: 0 }]);
      this.#age(next, flowOf(item["owner"] as string));
      take(next, false, label(LEASE, lock), undefined);
    }
    for (let flow = 0; flow < this.#case.flows; flow += 1) {
      const next = this.after(state);
      if (!holders.has(nameOf(flow)) && this.#age(next, flow)) take(next, false, label(TIME, flow), undefined);
    }
  }

  /** Makes it long ago that a run ended; false where it has not, or did so long ago. */
  #age(next: Uint16Array, flow: number): boolean {
    const cell = this.#flows + 2 * flow + 1;
    const record = this.procedures.partitions.at(next[cell] as number);
    const endedAt = NOW - 2 * LEASE_MARGIN_MS;
    if (!record.some((item) => item["endedAt"] === NOW)) return false;
    next[cell] = this.procedures.partitions.numberOf(
      record.map((item) => (item["endedAt"] === NOW ? { ...item, endedAt } : item)),
    );
    return true;
  }

  /** What one look at everything would repair. */
  #sweep(state: Uint16Array, take: Take, fault: Fault | undefined): void {
    const begin = (local: number): void => {
      const next = this.after(state, fault);
      this.begin(next, local);
      take(next, fault !== undefined, label(SWEEP, local), undefined);
    };
    for (let lock = 0; lock < this.#locks; lock += 1) {
      const item = this.#lock(state, lock);
      const [owner, expiresAt, place] = [item?.["owner"], item?.["expiresAt"], item?.["place"]];
      if (typeof owner !== "string") continue;
      const pump = (): number =>
        this.#known(`look ${lock}`, () =>
          this.#local("look", { lock: lockOf(lock), claim: claimOf("", "", [lockOf(lock)]) }),
        );
      if (expiresAt !== undefined) {
        if (Number(expiresAt) < NOW) begin(pump());
      } else if (this.#hasEnded(state, flowOf(owner)))
        begin(this.#settle(flowOf(owner), lock, this.#flow(state, flowOf(owner))));
      // While nobody works, telling a flow what it knows changes nothing.
      else if (place !== undefined && (fault !== undefined || this.#flow(state, flowOf(owner))?.status === "waiting"))
        begin(pump());
    }
    for (let flow = 0; flow < this.#case.flows; flow += 1) {
      const found = this.#flow(state, flow);
      if (fault !== undefined || found?.status !== "ended" || this.#hasEnded(state, flow)) continue;
      begin(found.failed === true ? this.#settle(flow, 0, found, "settle") : this.#end(flow));
    }
  }

  /** The lock of a flow whose tasks may be at work goes to nobody before its lease is over. */
  #passed(state: Uint16Array, next: Uint16Array, cell: number): string | undefined {
    if (cell % 2 === 0 || this.#case.drains !== true) return undefined;
    const [before, after] = [this.#lock(state, (cell - 1) / 2), this.#lock(next, (cell - 1) / 2)];
    if (typeof before?.["owner"] !== "string" || before["fence"] === after?.["fence"]) return undefined;
    const { works, told = {} } = this.#flow(state, flowOf(before["owner"])) ?? {};
    if (works !== true || told[lockOf((cell - 1) / 2)] !== before["fence"] || before["expiresAt"] !== undefined)
      return undefined;
    return "a lock is passed on while a task may be at work";
  }

  #ended(next: Uint16Array, flow: number, after: Flow): void {
    const local = after.failed === true ? this.#settle(flow, 0, after, "settle") : this.#end(flow);
    this.#settles.add(local);
    this.begin(next, local);
  }

  #acquire(flow: number, token: number): number {
    return this.#known(`acquire ${flow} ${token}`, () => this.#acquisition(flow, token));
  }

  #acquisition(flow: number, token: number): number {
    const names = Array.from({ length: this.#locks }, (_, lock) => lockOf(lock));
    const run = nameOf(flow);
    const claim: Claim = {
      ...claimOf(run, ACQUISITION, names),
      place: placeInLockLine(flow + 1, "high", run, ACQUISITION),
      token: tokenOf(run, token),
      attempt: token + 1,
      drainSeconds: this.#case.drains === true ? 60 : 0,
      ...(names.length > 1 ? { list: true } : {}),
    };
    return this.#local(
      "acquire",
      { lock: names[0] ?? "", claim, asked: true },
      this.#retries ? `acquire ${run}` : undefined,
    );
  }

  #release(flow: number): number {
    return this.#known(`release ${flow}`, () =>
      this.#local("release", released(nameOf(flow), 0, this.#locks), `release ${nameOf(flow)} 0`),
    );
  }

  #end(flow: number): number {
    return this.#known(`end ${flow}`, () => this.#local("end", { lock: "", claim: claimOf(nameOf(flow), "", []) }));
  }

  /** Frees a lock of a run that has ended, or all of them and then writes its end. */
  #settle(flow: number, lock: number, found: Flow | undefined, then?: "settle"): number {
    const works = found?.works === true;
    return this.#known(`settle ${flow} ${lock} ${works} ${then}`, () => {
      const run = nameOf(flow);
      const how = works ? {} : { left: true as const };
      const variables = { lock: lockOf(lock), claim: claimOf(run, "", [lockOf(lock)]), ...how };
      const ends = then === undefined ? undefined : `settle ${run} ${lock} ${works ? "drain" : ""}`;
      return this.#local("settle", variables, ends);
    });
  }

  #known(key: string, make: () => number): number {
    let number = this.#numbers.get(key);
    if (number === undefined) this.#numbers.set(key, (number = make()));
    return number;
  }

  #local(step: string, variables: LockVariables, ends?: string): number {
    return this.procedures.numberOf({ step, variables, ...(ends === undefined ? {} : { ends }) });
  }

  #record(flow: number): number {
    return this.#known(`record ${flow}`, () =>
      this.procedures.partitions.numberOf([{ ...runKey(nameOf(flow)), rank: RANK.running }]),
    );
  }

  #become(next: Uint16Array, flow: number, after: Flow): void {
    const { status, token, told, failed, works } = after;
    const fences = told === undefined ? "" : Object.values(told).join();
    next[this.#flows + 2 * flow] = this.#known(`${flow} ${status} ${token} ${fences} ${failed} ${works}`, () =>
      this.procedures.partitions.numberOf([{ ...flowKey(nameOf(flow)), ...after }]),
    );
  }

  #flow(state: Uint16Array, flow: number): Flow | undefined {
    return flowIn(this.procedures.partitions.at(state[this.#flows + 2 * flow] as number));
  }

  #hasEnded(state: Uint16Array, flow: number): boolean {
    const record = this.procedures.partitions.at(state[this.#flows + 2 * flow + 1] as number);
    return record.some(({ sk, rank }) => sk === "#" && rank === END_RANK);
  }

  #lock(state: Uint16Array, lock: number): Item | undefined {
    return this.procedures.partitions.at(state[1 + 2 * lock] as number)[0];
  }
}

function textOf(local: Local<LockVariables> | undefined): string {
  if (local === undefined) return "over";
  const { lock, claim, fence, next } = local.variables;
  const details = [
    lock,
    claim.run,
    ...(fence === undefined ? [] : [`fence ${fence}`]),
    ...(next === undefined ? [] : [`to ${next.run}`]),
  ];
  return `${local.step}(${details.join(", ")})${local.ends === undefined ? "" : ` for ${local.ends}`}`;
}
