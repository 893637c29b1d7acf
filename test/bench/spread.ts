/** min / median / max of some rounds, as one line of the report. */
export function spread(values: readonly number[], unit: string, digits = 0): string {
  const sorted = values.toSorted((left, right) => left - right);
  const shown = [sorted[0], median(values), sorted.at(-1)].map((value = NaN) => format(value, digits));
  return `${shown.join(" / ")} ${unit}`;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

export function format(value: number, digits = 0): string {
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
