import type { CataloguePlan } from "../model/plan.ts";
import { changes, gone, idleText, MEASURES, rangeText } from "./plan-numbers.ts";

/** The plan as one table and a list, for a pull request. */
export function planMarkdown(plan: CataloguePlan, before?: CataloguePlan): string {
  const header = ["workflow", ...MEASURES.map(([name]) => name)];
  const rows = plan.workflows.map((one) => [
    `\`${one.workflow}\``,
    ...MEASURES.map(([, read, format]) => rangeText(read(one), format)),
  ]);
  const notes = plan.workflows.flatMap((one) =>
    [
      ...one.overBudget.map((text) => `over budget: ${text}`),
      ...one.limits.map(({ verdict, limit, text }) => `${verdict} ${limit}: ${text}`),
      ...changes(one, before).map((text) => `changed: ${text}`),
    ].map((text) => `- \`${one.workflow}\` ${text}`),
  );
  const removed = gone(plan, before).map((name) => `- \`${name}\` is gone`);
  const table = [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  const { date, region } = plan.prices;
  return [
    "### Plan",
    table.join("\n"),
    ...(notes.length + removed.length === 0 ? [] : [[...notes, ...removed].join("\n")]),
    `${idleText(plan.idle)} Minimum / typical / maximum; \`?\` where nothing bounds it. Prices of ${date}, ${region}.`,
  ].join("\n\n");
}
