import { formatTime } from "../duration.ts";
import type { Output } from "../output.ts";
import { logText, runText, stepText, waitingText } from "../run-text.ts";
import { withSession, type PlatformOptions } from "../session.ts";
import { formatTable } from "../table.ts";

/** `millrace show`: answers `{ run, steps }`, and `waiting` where steps wait for answers. */
export async function show(output: Output, id: string, options: PlatformOptions): Promise<void> {
  await withSession(options.stack, async ({ workflows }) => {
    const run = await workflows.getRun(id);
    const steps = await workflows.steps(id);
    const waiting = await workflows.waitingEvents(id);
    const lines = [
      ...steps.map((step) => `  ${stepText(step)}`),
      ...waiting.flatMap((event) => ["", ...waitingText(id, event, options.stack)]),
    ];
    const text = [runText(run, steps), ...(lines.length === 0 ? [] : ["", ...lines])].join("\n");
    output.result({ run, steps, ...(waiting.length > 0 && { waiting }) }, text);
  });
}

/** `millrace logs`: answers `{ logs }`, in order of time. */
export async function logs(output: Output, id: string, options: PlatformOptions): Promise<void> {
  await withSession(options.stack, async ({ workflows }) => {
    const lines = await workflows.logs(id);
    const rows = lines.map((line) => [formatTime(line.time), line.step, logText(line)]);
    output.result({ logs: lines }, rows.length === 0 ? "No log lines." : formatTable(rows));
  });
}
