import type { LogLine, Step } from "../model/run.ts";

export type TimelineEvent =
  | { readonly kind: "started" | "ended"; readonly time: number; readonly step: Step }
  | { readonly kind: "log"; readonly time: number; readonly line: LogLine };

/**
 * What happened in a run, in order of time. At the same millisecond a step's beginning comes before its log lines,
 * those before its end, and that before the beginning of the next step. A line may be read before the step that wrote
 * it: such a line is left out, unless the run is over.
 */
export function timeline(steps: readonly Step[], logs: readonly LogLine[], over: boolean): TimelineEvent[] {
  const lines = Map.groupBy(logs, (line) => indexOfWriter(line, steps));
  const events = steps.flatMap((step, index): TimelineEvent[] => {
    const { startedAt, endedAt = Infinity } = step;
    return [
      { kind: "started", time: startedAt, step },
      // Clocks of machine and task may differ: what a step wrote stands between its beginning and its end.
      ...(lines.get(index) ?? []).map((line) => logEvent(line, Math.max(startedAt, Math.min(line.time, endedAt)))),
      ...(endedAt === Infinity ? [] : [{ kind: "ended", time: endedAt, step } as const]),
    ];
  });
  const loose = over ? (lines.get(-1) ?? []).map((line) => logEvent(line, line.time)) : [];
  return [...events, ...loose].sort((left, right) => left.time - right.time);
}

/** Of the attempts of the line's step the last that had begun, else the first; -1 where there is none. */
function indexOfWriter(line: LogLine, steps: readonly Step[]): number {
  const begun = steps.findLastIndex(({ name, startedAt }) => name === line.step && startedAt <= line.time);
  return begun >= 0 ? begun : steps.findIndex(({ name }) => name === line.step);
}

function logEvent(line: LogLine, time: number): TimelineEvent {
  return { kind: "log", time, line };
}

/** Keeps what was shown, so that a timeline that is read again and again is told once. */
export class Shown {
  readonly #keys = new Set<string>();

  /** The events that were not there before. */
  news(events: readonly TimelineEvent[]): TimelineEvent[] {
    const counts = new Map<string, number>();
    return events.filter((event) => {
      const name = event.kind === "log" ? JSON.stringify(event.line) : `${event.step.name} ${event.step.attempt}`;
      const count = (counts.get(`${event.kind} ${name}`) ?? 0) + 1;
      counts.set(`${event.kind} ${name}`, count);
      const key = `${event.kind} ${count} ${name}`;
      if (this.#keys.has(key)) return false;
      this.#keys.add(key);
      return true;
    });
  }
}
