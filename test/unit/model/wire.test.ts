import { describe, expect, it } from "vitest";
import { eventAfter, eventAttribute } from "../../../engine/coordination/event-item.ts";
import * as keys from "../../../engine/coordination/keys.ts";
import { domainPrefix } from "../../../engine/runtime/invoke.ts";
import { ErrorName } from "../../../engine/model/errors.ts";
import { hashedRunId, idempotentRunId, isRunId, newRunId, runIdOf } from "../../../engine/model/run-id.ts";
import { RANK } from "../../../engine/model/run.ts";
import { renderTag, renderTags, TAG_NAMESPACE, WorkflowTag } from "../../../engine/model/tags.ts";
import * as wire from "../../../engine/model/wire.ts";

/** What crosses a wire: a change here breaks runs in flight, stored records and other people's permissions. */
describe("the wire contract", () => {
  it("keeps its constants", () => {
    expect({
      reserved: wire.RESERVED_KEY,
      limit: wire.PAYLOAD_LIMIT_BYTES,
      envelope: wire.INVOKE_ENVELOPE_BYTES,
      addTags: wire.ADD_TAGS_TASK,
      results: wire.RESULT_PREFIX,
      index: wire.OPEN_INDEX,
      machine: wire.machineName("millrace", "git_repositories_sync"),
      submit: wire.resourceName("millrace", wire.SUBMIT_FUNCTION),
      settle: wire.resourceName("millrace", wire.SETTLE_FUNCTION),
      items: wire.resourceName("millrace", wire.ITEMS_TABLE),
      longest: wire.STACK_NAME_MAX_LENGTH + 1 + wire.WORKFLOW_NAME_MAX_LENGTH,
    }).toEqual({
      reserved: "$millrace",
      limit: 262_144,
      envelope: 2_048,
      addTags: "millrace/add-tags",
      results: "runs/",
      index: "open",
      machine: "millrace_git_repositories_sync",
      submit: "millrace_submit",
      settle: "millrace_settle",
      items: "millrace_items",
      longest: 80,
    });
  });

  it("keeps the names of its errors", () => {
    expect(Object.values(ErrorName)).toEqual([
      "InvalidDefinition",
      "InvalidParameters",
      "InvalidInput",
      "InvalidOutput",
      "ResultTooLarge",
      "NotAnError",
      "States.Timeout",
      "WorkflowNotFound",
      "TaskNotFound",
      "RunNotFound",
      "RunCancelled",
      "RunTimedOut",
      "WaitTimedOut",
      "LimitReached",
      "QueueTimedOut",
      "RunEnded",
      "LockTimedOut",
      "LockHeld",
      "LockNotHeld",
      "EventTimedOut",
      "InvalidAnswer",
      "AlreadyAnswered",
      "NotWaiting",
      "Conflict",
      "AccessDenied",
      "PlatformUnavailable",
      "InvalidRequest",
    ]);
  });

  it("keeps the states of a run and their ranks", () => {
    expect(RANK).toEqual({
      scheduled: 10,
      queued: 20,
      running: 40,
      completed: 100,
      failed: 100,
      cancelled: 100,
      "timed-out": 100,
    });
  });

  it("renders tags as the original does", () => {
    expect(TAG_NAMESPACE).toBe("infrahub.app");
    expect(renderTag(WorkflowTag.DATABASE_CHANGE)).toBe("infrahub.app/database-change");
    expect(renderTag(WorkflowTag.WORKFLOWTYPE, "core")).toBe("infrahub.app/workflow-type/core");
    expect(renderTags({ branches: ["main"], nodes: ["n1"], others: ["x"], databaseChange: true })).toEqual([
      "infrahub.app/branch/main",
      "infrahub.app/node/n1",
      "x",
      "infrahub.app/database-change",
    ]);
  });

  it("keeps the keys of its items", () => {
    const id = "0193a0b1-0000-7000-8000-00000000000a";
    expect(keys.runKey(id)).toEqual({ pk: `RUN#${id}`, sk: "#" });
    expect(keys.edgePartition("infrahub.app/branch/main", "202611")).toBe("TAG#infrahub.app/branch/main#202611");
    expect(keys.edgePartition("t", "202611", "timed-out")).toBe("TAG#t#timed-out#202611");
    expect(keys.position(5, id)).toBe(`0000000000005#${id}`);
    expect(keys.idAt(keys.position(5, id))).toBe(id);
    expect(keys.openPartition(keys.openShard(id))).toBe("OPEN#a");
    expect(keys.OPEN_SHARDS.map(keys.openPartition)).toEqual(
      [..."0123456789abcdef", "deferred", "ended"].map((shard) => `OPEN#${shard}`),
    );
    expect([keys.ALL_RUNS, keys.workflowEdge("w"), keys.UNCHANGED_RUNS]).toEqual([
      "run:all",
      "run:workflow/w",
      "run:unchanged",
    ]);
    expect(domainPrefix("git")).toBe("DOMAIN#git#");
  });

  it("keeps what states and callers send about events, and what the record of a run has of them", () => {
    const waits = {
      event: "e",
      run: "arn",
      step: "s",
      at: "f:1",
      entered: "t",
      attempt: 1,
      token: "k",
      timeoutSeconds: 9,
    };
    const asks = { command: "answer", run: "id", step: "s", answer: { value: 1 } } satisfies wire.AnswerCommand;
    const line = { level: "info", message: "m", fields: {}, at: "f:1", line: "line.0" } satisfies wire.FlowLine;
    expect(Object.keys(waits satisfies wire.WaitEvent)).toHaveLength(8);
    expect([Object.keys(asks), Object.keys(line)]).toEqual([
      ["command", "run", "step", "answer"],
      ["level", "message", "fields", "at", "line"],
    ]);
    const stored = eventAfter(undefined, waits, 7);
    expect({ [eventAttribute("s[2]")]: stored }).toEqual({
      "e:s[2]": { event: "e", at: "f:1", entered: "t", attempt: 1, token: "k", until: 7 },
    });
  });

  it("makes a run's id of an execution's ARN", () => {
    const id = newRunId(1_764_000_000_000, (length) => new Uint8Array(length).fill(255));
    expect(id).toBe("019ab697-e800-7fff-bfff-ffffffffffff");
    expect(isRunId(id)).toBe(true);
    const submitted = wire.executionArn("eu-west-1", "123456789012", "millrace", "branch-merge", id);
    expect(submitted).toBe(`arn:aws:states:eu-west-1:123456789012:execution:millrace_branch-merge:${id}`);
    expect(runIdOf(submitted)).toBe(id);
    expect([wire.stackOf(submitted), wire.workflowOf(submitted)]).toEqual(["millrace", "branch-merge"]);
    const raw = wire.executionArn("eu-west-1", "123456789012", "millrace", "branch-merge", "by-hand");
    expect(runIdOf(raw)).toBe(hashedRunId(raw));
    expect(hashedRunId("by-hand")).toBe("60022755-52e4-8493-9519-0725b33a048a");
    expect(isRunId(idempotentRunId("branch-merge", "k"))).toBe(true);
  });

  it("keeps the message apart from where it was thrown", () => {
    const text = wire.withWhere("no such\n    at repository", "functions/git/flows.ts:31", "millrace", "id");
    expect(text).toBe(
      "no such\n    at repository\n    at functions/git/flows.ts:31\n    npx millrace show id --stack millrace",
    );
    expect(wire.splitWhere(text)).toEqual({ message: "no such\n    at repository", at: "functions/git/flows.ts:31" });
    expect(wire.splitWhere("plain")).toEqual({ message: "plain" });
    const caused = wire.withWhere("no", "functions/a.ts:1", "millrace", "id", { name: "Gone", message: 'a\n"b"' });
    expect(caused).toBe(
      'no\n    at functions/a.ts:1\n    caused by {"name":"Gone","message":"a\\n\\"b\\""}\n    npx millrace show id --stack millrace',
    );
    expect(wire.splitWhere(caused)).toEqual({ message: "no", at: "functions/a.ts:1" });
  });
});
