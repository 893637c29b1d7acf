import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { connect } from "../../engine/client/connect.ts";
import { openEntries } from "../../engine/coordination/open-index.ts";
import { local } from "../../engine/local/local.ts";
import { fastClock } from "./fast-clock.ts";
import { WORKFLOWS } from "./fixture/catalogue/index.ts";

/**
 * One life of the platform's process: ends what earlier lives left open, then executes runs of its own, and kills
 * itself right before or right after one of its commits: `life.ts <directory> <JSON of LifePlan>`.
 */
export interface LifePlan {
  /** Prefix of the runs' idempotency keys. */
  readonly life: string;
  readonly workflow: string;
  readonly runs: number;
  /** Which commit after the submit, counted from 1; none where it is left out. */
  readonly kill?: { readonly commit: number; readonly when: "before" | "after" };
}

/** Sent before the life's own runs are submitted: from here on it may be killed. */
export const READY = "ready";

const [directory = "", given = "{}"] = process.argv.slice(2);
const { life, workflow, runs, kill } = JSON.parse(given) as LifePlan;

let commits = -Infinity;
const prepare = Object.getOwnPropertyDescriptor(DatabaseSync.prototype, "prepare")?.value as DatabaseSync["prepare"];
DatabaseSync.prototype.prepare = function (this: DatabaseSync, sql: string) {
  const statement = prepare.call(this, sql);
  if (sql !== "COMMIT") return statement;
  const run = statement.run.bind(statement);
  statement.run = () => {
    commits += 1;
    if (kill?.when === "before" && commits === kill.commit) process.kill(process.pid, "SIGKILL");
    const changes = run();
    if (kill?.when === "after" && commits === kill.commit) process.kill(process.pid, "SIGKILL");
    return changes;
  };
  return statement;
};

const platform = local({ root: join(import.meta.dirname, "fixture"), directory, clock: fastClock });
const workflows = connect(platform);
const definition = WORKFLOWS.find(({ name }) => name === workflow);
if (definition === undefined) throw new Error(`The fixture has no workflow "${workflow}".`);

await platform.start({ onError: (error) => console.error(error) });
for (const { id } of await openEntries(platform.items)) await workflows.waitForRun(id);
process.send?.(READY);
commits = 0;
await Promise.all(
  Array.from({ length: runs }, (_, index) =>
    workflows.executeWorkflow(definition, {
      parameters: { name: `${life}/${index}` },
      idempotencyKey: `${life}/${index}`,
    }),
  ),
);
await platform.close();
process.disconnect();
