import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { direct, memoryBlobs, memoryItems, newTrace } from "millrace/testing";
import type { Blobs, Items, Json } from "millrace";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { WORKFLOWS } from "../../../../catalogue/index.ts";
import { sendTelemetry } from "../../../../functions/telemetry/flows.ts";

beforeEach(() => {
  vi.stubEnv("MILLRACE_TELEMETRY_URL", undefined);
  return () => vi.unstubAllEnvs();
});

interface Received {
  readonly checksum: string;
  readonly data: string;
}

/** Takes what is sent, answers with a status, and sets the address to send to. */
async function receiver(status: number): Promise<Received[]> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push(JSON.parse(body) as Received);
      response.writeHead(status).end();
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close().closeAllConnections());
  vi.stubEnv("MILLRACE_TELEMETRY_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return received;
}

async function send(items: Items = memoryItems(), blobs: Blobs = memoryBlobs()) {
  const trace = newTrace();
  const status = await direct(() => sendTelemetry(), {}, { items, blobs, trace, now: Date.UTC(2026, 2, 1) });
  const page = await items.query({ pk: "DOMAIN#direct#snapshots", consistent: true });
  const snapshot = page.items[0] as unknown as { payload: string; checksum: string; status: string };
  return { status, trace, snapshot, data: JSON.parse(snapshot.payload) as { [name: string]: Json } };
}

describe("telemetry", () => {
  it("stores a snapshot with its checksum and sends nothing unless it is told where", async () => {
    const { status, snapshot, data } = await send();
    expect(status).toBe("skipped");
    expect(snapshot.status).toBe("skipped");
    expect(snapshot.checksum).toBe(createHash("sha256").update(snapshot.payload).digest("hex"));
    expect(data["takenAt"]).toBe("2026-03-01T00:00:00.000Z");
    expect(data["metrics"]).toEqual({
      repositories: 0,
      storedBytes: 0,
      workflows: WORKFLOWS.length,
      schedules: WORKFLOWS.filter(({ cron }) => cron !== undefined).length,
    });
  });

  it("counts what there is, and a metric that fails is null and leaves the others alone", async () => {
    const [items, blobs] = [memoryItems(), memoryBlobs()];
    for (const sk of ["a", "b"]) await items.put({ pk: "DOMAIN#direct#repositories", sk });
    await blobs.put("direct/repositories/a/x", new Uint8Array(10));
    await blobs.put("direct/repositories/b/y", new Uint8Array(5));
    expect((await send(items, blobs)).data["metrics"]).toMatchObject({ repositories: 2, storedBytes: 15 });

    const broken: Items = { ...items, query: async (query) => refuseRepositories(query.pk) ?? items.query(query) };
    const { data, status, trace } = await send(broken, blobs);
    expect(status).toBe("skipped");
    expect(data["metrics"]).toMatchObject({ repositories: null, storedBytes: 15, workflows: WORKFLOWS.length });
    expect(trace.logs).toContainEqual(
      expect.objectContaining({ level: "warn", message: "Metric repositories could not be measured: throttled" }),
    );
  });

  it("says the same of a deployment every day, and nothing of who it is", async () => {
    const items = memoryItems();
    const [first, second] = [await send(items), await send(items)];
    expect(first.data["deployment"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(second.data["deployment"]).toBe(first.data["deployment"]);
  });

  it("sends the very text that the checksum is of", async () => {
    const received = await receiver(204);
    const { status, snapshot } = await send();
    expect([status, snapshot.status]).toEqual(["sent", "sent"]);
    expect(received).toMatchObject([{ checksum: snapshot.checksum, data: snapshot.payload }]);
  });

  it("ends well where it cannot be sent", async () => {
    const received = await receiver(503);
    const { status, snapshot, trace } = await send();
    expect([status, snapshot.status]).toEqual(["failed", "failed"]);
    expect(received).toHaveLength(4);
    expect(trace.calls.map(({ task }) => task).slice(-2)).toEqual(["send-snapshot", "mark-unsent"]);

    vi.stubEnv("MILLRACE_TELEMETRY_URL", "no address");
    expect((await send()).status).toBe("failed");
  });
});

function refuseRepositories(pk: string): undefined {
  if (pk.endsWith("#repositories")) throw new Error("throttled");
}
