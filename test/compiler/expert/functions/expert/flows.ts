import { batch, defineEvent, executeWorkflow, submitWorkflow, waitForEvent } from "millrace";
import * as z from "zod";
import {
  ANNOUNCE,
  ARTIFACT_GENERATE,
  CHECK_OBJECTS,
  DATA_INTEGRITY,
  IMPORT_OBJECTS,
  REFRESH_ARTIFACTS,
  REPOSITORY_CHECKS,
  SCHEMA_INTEGRITY,
} from "../../catalogue/expert.ts";
import type { Input } from "./models.ts";
import {
  book,
  cancel,
  charge,
  diffOf,
  membersOf,
  notify,
  ping,
  quote,
  release,
  reserve,
  review,
  summarize,
} from "./tasks.ts";

export async function sequence({ sku, amount }: Input): Promise<unknown> {
  const price = await quote({ sku, amount });
  const total = price * amount;
  const reservation = await reserve({ sku, amount });
  const receipt = await charge({ reservation, total });
  return { reservation, total, receipt };
}

export async function branch({ amount, vip }: Input): Promise<string> {
  const level = vip ? "gold" : "plain";
  if (amount > 100) return await review({ level, amount });
  if (amount > 10) {
    await notify({ text: level });
    return "notified";
  }
  return "nothing";
}

export async function search({ hosts }: Input): Promise<string | null> {
  for (const host of hosts) {
    const up = await ping(host);
    if (up) return host;
  }
  return null;
}

export async function fanOut({ sku, amount, hosts }: Input): Promise<unknown> {
  const [price, reservation] = await Promise.all([quote({ sku, amount }), reserve({ sku, amount })]);
  const up = await Promise.all(hosts.map((host) => ping(host)));
  return { price, reservation, up };
}

export async function collected({ hosts }: Input): Promise<unknown> {
  const results = await batch(hosts, (host) => ping(host), { maxConcurrency: 5, onError: "collect" });
  return {
    ok: results.filter((result) => result.status === "ok").length,
    failed: results.filter((result) => result.status === "error").length,
  };
}

export async function withFinally({ sku, amount }: Input): Promise<string> {
  let outcome: string;
  try {
    const reservation = await reserve({ sku, amount });
    outcome = await charge({ reservation, total: amount });
  } catch (error) {
    await notify({ text: `failed: ${(error as Error).name}` });
    outcome = "failed";
  } finally {
    await release(sku);
  }
  return outcome;
}

export async function children({ sku }: Input): Promise<unknown> {
  const objects = await executeWorkflow(IMPORT_OBJECTS, { parameters: { sku } });
  const problems = await executeWorkflow(CHECK_OBJECTS, { parameters: { objects } });
  await submitWorkflow(ANNOUNCE, { parameters: { sku } });
  return { objects, problems };
}

const APPROVAL = defineEvent({ name: "approval", schema: z.object({ approved: z.boolean() }) });

export async function approval({ sku }: Input): Promise<string> {
  await notify({ text: `approve ${sku}` });
  const { approved } = await waitForEvent(APPROVAL, { timeoutSeconds: 3600 });
  if (!approved) return "refused";
  await release(sku);
  return "released";
}

export async function retries({ sku, amount }: Input): Promise<string> {
  try {
    return await charge.with({ retries: 3, retryDelaySeconds: 5, retryBackoff: 2 })({
      reservation: sku,
      total: amount,
    });
  } catch {
    await notify({ text: `not charged: ${sku}` });
    return "not charged";
  }
}

export async function saga({ sku: trip }: Input): Promise<string> {
  await book({ what: "flight", trip });
  try {
    await book({ what: "hotel", trip });
    try {
      await book({ what: "car", trip });
    } catch (error) {
      await cancel({ what: "hotel", trip });
      throw error;
    }
  } catch (error) {
    await cancel({ what: "flight", trip });
    throw error;
  }
  return "booked";
}

/** What the original's pipeline of a proposed change starts, by what the change touches. */
export async function pipeline({ proposedChange }: Input): Promise<number> {
  const diff = await diffOf(proposedChange);
  const parameters = { proposedChange };
  if (diff.data) await submitWorkflow(DATA_INTEGRITY, { parameters });
  if (diff.schema) await submitWorkflow(SCHEMA_INTEGRITY, { parameters });
  if (diff.files > 0) await submitWorkflow(REPOSITORY_CHECKS, { parameters });
  if (diff.data || diff.files > 0) await submitWorkflow(REFRESH_ARTIFACTS, { parameters });
  return diff.files;
}

/** What the original's generation of a definition's artifacts does for each member of its group. */
export async function artifacts({ definition, group }: Input): Promise<string> {
  const members = await membersOf(group);
  const checksums = await batch(
    members,
    (target) => executeWorkflow(ARTIFACT_GENERATE, { parameters: { definition, target } }),
    { maxConcurrency: 10, onError: "fail" },
  );
  return await summarize({ changed: checksums.filter((checksum) => checksum !== "").length });
}
