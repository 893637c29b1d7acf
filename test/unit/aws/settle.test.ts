import { describe, expect, it } from "vitest";
import type { ExecutionFacts } from "../../../engine/aws/executions.ts";
import { readEvent, settleBatch } from "../../../engine/aws/settle.ts";
import type { StatusEvent } from "../../../engine/coordination/world.ts";

const execution = "arn:aws:states:eu-west-1:123456789012:execution:millrace_validate:0198c0de";
const body = (detail: ExecutionFacts): string =>
  JSON.stringify({ source: "aws.states", "detail-type": "Step Functions Execution Status Change", detail });
const nobody = (): Promise<StatusEvent | undefined> => Promise.reject(new Error("nobody shall be asked"));

describe("a status event", () => {
  const started: ExecutionFacts = {
    executionArn: execution,
    status: "RUNNING",
    startDate: 1_795_562_343_874,
    stopDate: null,
    input: '{"kind":"Device"}',
  };
  const ended = { stopDate: 1_795_562_349_683, output: null, error: null, cause: null };
  const succeeded: ExecutionFacts = { ...started, ...ended, status: "SUCCEEDED", output: "[1,null]" };
  const running: StatusEvent = {
    execution,
    status: "RUNNING",
    startedAt: 1_795_562_343_874,
    input: { kind: "Device" },
  };
  const read: StatusEvent = { ...running, status: "SUCCEEDED", endedAt: 1_795_562_349_683, output: [1, null] };

  it("is read as AWS sends it and as LocalStack sends it", async () => {
    expect(await readEvent(body(succeeded), nobody)).toEqual(read);
    const texts = { startDate: "2026-11-24T23:19:03.874Z", stopDate: "2026-11-24T23:19:09.683Z" };
    expect(await readEvent(body({ ...succeeded, ...texts }), nobody)).toEqual(read);
  });

  it("of a start has no end, of a failure error and cause", async () => {
    expect(await readEvent(body(started), nobody)).toEqual(running);
    const failure = { status: "FAILED", error: "Boom", cause: "because" } as const;
    const failed = body({ ...started, ...ended, ...failure });
    expect(await readEvent(failed, nobody)).toEqual({ ...running, ...failure, endedAt: read.endedAt });
  });

  it("that came without input or output is completed by the execution itself", async () => {
    const described: StatusEvent = { ...read, input: { large: true }, output: "large" };
    const ask = async (arn: string) => (arn === execution ? described : undefined);
    expect(await readEvent(body({ ...succeeded, output: null }), ask)).toEqual(described);
    expect(await readEvent(body({ ...started, input: null }), ask)).toEqual({ ...described, status: "RUNNING" });
    const gone = await readEvent(body({ ...started, input: null }), async () => undefined);
    expect(gone).toEqual({ execution, status: "RUNNING", startedAt: running.startedAt });
  });

  it("whose input is no object has no parameters", async () => {
    expect((await readEvent(body({ ...succeeded, input: "[1]" }), nobody)).input).toBeUndefined();
  });
});

describe("a batch", () => {
  const Records = ["a", "b", "c"].map((name) => ({ messageId: `m-${name}`, body: name }));

  it("gives back the messages that failed, and tells of each", async () => {
    const told: string[] = [];
    const settleOne = async (text: string) => {
      if (text !== "b") throw new Error(`no ${text}`);
    };
    const answer = await settleBatch({ Records }, settleOne, (error, id) => told.push(`${id}: ${error.message}`));
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "m-a" }, { itemIdentifier: "m-c" }] });
    expect(told).toEqual(["m-a: no a", "m-c: no c"]);
  });

  it("has no failures where all went well, and one where a message is no event", async () => {
    expect(
      await settleBatch(
        { Records },
        async () => {},
        () => {},
      ),
    ).toEqual({ batchItemFailures: [] });
    const read = async (text: string) => void (await readEvent(text, nobody));
    const answer = await settleBatch({ Records: Records.slice(0, 1) }, read, () => {});
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "m-a" }] });
  });
});
