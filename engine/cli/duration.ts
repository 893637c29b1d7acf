const UNITS = [
  { ms: 86_400_000, name: "d" },
  { ms: 3_600_000, name: "h" },
  { ms: 60_000, name: "min" },
  { ms: 1_000, name: "s" },
] as const;

/** `412 ms`, `1.24 s`, `3 min 4 s`, `2 d 5 h`: the two largest units. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(Math.floor(milliseconds / 10) / 100).toFixed(2)} s`;
  const largest = UNITS.findIndex(({ ms }) => milliseconds >= ms);
  let rest = milliseconds;
  return UNITS.slice(largest, largest + 2)
    .map(({ ms, name }) => {
      const count = Math.floor(rest / ms);
      rest -= count * ms;
      return `${count} ${name}`;
    })
    .join(" ");
}

/** `2026-11-24 14:03:22Z` */
export function formatTime(time: number): string {
  return new Date(time).toISOString().replace("T", " ").replace(/\.\d+/, "");
}

/** Milliseconds since the epoch of `90s`, `30min`, `2h`, `7d` before now, or of an ISO date; nothing for other text. */
export function parseSince(text: string, now: number): number | undefined {
  return parseMoment(text, now, -1);
}

/** The same for a duration from now on. */
export function parseAhead(text: string, now: number): number | undefined {
  return parseMoment(text, now, 1);
}

function parseMoment(text: string, now: number, direction: -1 | 1): number | undefined {
  const [, count, unit] = /^(\d+)\s*(s|min|m|h|d)$/.exec(text) ?? [];
  if (count !== undefined) {
    const { ms = 0 } = UNITS.find(({ name }) => name === (unit === "m" ? "min" : unit)) ?? {};
    return now + direction * Number(count) * ms;
  }
  const time = /^\d{4}-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
