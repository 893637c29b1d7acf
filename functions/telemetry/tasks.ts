import { task } from "millrace";
import { WORKFLOWS } from "../../catalogue/index.ts";
import { measure } from "./measure.ts";
import { SendStatus, SnapshotReference, StoreSnapshot } from "./models.ts";
import { deploymentId, readSnapshot, setSendStatus, storeSnapshot } from "./snapshots.ts";

export const takeSnapshot = task(
  { name: "take-snapshot", input: StoreSnapshot, output: SnapshotReference },
  async ({ repositories }, scope) => {
    const { items, log, run } = scope;
    const metrics = {
      ...repositories,
      workflows: await measure(log, "workflows", async () => WORKFLOWS.length),
      schedules: await measure(log, "schedules", async () => WORKFLOWS.filter(({ cron }) => cron !== undefined).length),
    };
    const platform = { node: process.versions.node, system: process.platform, architecture: process.arch };
    const deployment = await deploymentId(items, run.id);
    await storeSnapshot(items, run.id, { deployment, takenAt: new Date(scope.now()).toISOString(), platform, metrics });
    log.info("Stored a snapshot of this deployment", metrics);
    return { snapshot: run.id };
  },
);

/** Sends a snapshot to `MILLRACE_TELEMETRY_URL`; where that is not set, nothing leaves the deployment. */
export const sendSnapshot = task(
  {
    name: "send-snapshot",
    input: SnapshotReference,
    output: SendStatus,
    retries: 3,
    retryDelaySeconds: 30,
    timeoutSeconds: 60,
  },
  async ({ snapshot }, { items, log, signal }) => {
    const address = process.env["MILLRACE_TELEMETRY_URL"] ?? "";
    if (address === "") {
      log.info("Not sent: set MILLRACE_TELEMETRY_URL to an address that takes it");
      return setSendStatus(items, snapshot, "skipped");
    }
    const { payload, checksum } = await readSnapshot(items, snapshot);
    const response = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ kind: "millrace-telemetry", payloadFormat: 1, checksum, data: payload }),
      signal,
    });
    if (!response.ok)
      throw new Error(`${new URL(address).host} answered ${response.status}: the snapshot was not taken.`);
    log.info(`Sent to ${new URL(address).host}`);
    return setSendStatus(items, snapshot, "sent");
  },
);

/** A snapshot that could not be sent stays stored; the next day's goes out by itself. */
export const markUnsent = task(
  { name: "mark-unsent", input: SnapshotReference, output: SendStatus },
  async ({ snapshot }, { items, log }) => {
    log.warn("The snapshot could not be sent; it stays stored");
    return setSendStatus(items, snapshot, "failed");
  },
);
