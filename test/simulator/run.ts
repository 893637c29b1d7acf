import { EXPERIMENTS } from "./experiments.ts";
import type { SimulatedSystem } from "./system.ts";

/** `npm run simulate`: 1,000,000 runs in a day, then 100,000 in one line, in virtual time. A smaller size may be given. */
const size = Number(process.argv[2] ?? 1_000_000);

for (const [key, runs] of [
  ["day", size],
  ["line", size / 10],
] as const) {
  const experiment = EXPERIMENTS[key];
  if (experiment === undefined) continue;
  const began = performance.now();
  const system = await experiment.run(runs);
  const seconds = (performance.now() - began) / 1000;
  process.stdout.write(`\n${experiment.name}: ${runs} runs, simulated in ${seconds.toFixed(0)} s\n${report(system)}`);
  if (system.overAdmissions > 0 || system.open > 0) process.exitCode = 1;
}

function report(system: SimulatedSystem): string {
  const { store, wakeUps, leaks } = system;
  const sorted = wakeUps.toSorted((a, b) => a - b);
  const at = (share: number): string => duration(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  const perRun = (kind: string): string => ((store.writes.get(kind) ?? 0) / system.started).toFixed(2);
  const peaks = [...store.peaks].map(([kind, most]) => `${kind}# ${most}`).join(", ");
  const lines = [
    ["started, ended, still open", `${system.started}, ${system.ended}, ${system.open}`],
    ["over-admissions", system.overAdmissions],
    ["crashes, lost events", `${system.crashes}, ${system.lostEvents}`],
    ["from an end to the next start", `p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)} (${sorted.length} of them)`],
    ["a slot kept after its run's end, at most", duration(leaks.reduce((most, age) => Math.max(most, age), 0))],
    [
      "writes a run",
      `RUN# ${perRun("RUN")}, LIMIT# ${perRun("LIMIT")}, LINE# ${perRun("LINE")}, TAG# ${perRun("TAG")}`,
    ],
    ["most writes of a partition in a second", `${peaks}; ${store.throttled} were throttled`],
  ];
  return lines.map(([name, value]) => `  ${String(name).padEnd(42)}${value}\n`).join("");
}

function duration(milliseconds: number): string {
  return milliseconds < 1_000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
