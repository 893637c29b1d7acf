import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { GIT_REPOSITORY_ADD } from "../../catalogue/git.ts";
import { ANONYMOUS_TELEMETRY_SEND } from "../../catalogue/telemetry.ts";
import { CUSTOM_VALIDATION } from "../../catalogue/validation.ts";
import { connect, type Workflows } from "../../engine/client/connect.ts";
import { local } from "../../engine/local/local.ts";
import type { Json, JsonObject } from "../../engine/model/json.ts";
import type { WorkflowDefinition } from "../../engine/model/workflow.ts";
import { addRepository } from "../../functions/git/flows.ts";
import { createSampleRepository } from "../../functions/git/sample-repository.ts";
import { sendTelemetry } from "../../functions/telemetry/flows.ts";
import { validateObjects } from "../../functions/validation/flows.ts";
import { gitServer } from "../unit/functions/git/git-server.ts";
import { SOON, client, itemsOf } from "./deployed.ts";
import { OTHER_STACK, STACK } from "./stack.ts";
import { byClient, byHand, directly, type Flow, type Outcome, type Way } from "./ways.ts";

const directory = mkdtempSync(join(tmpdir(), "millrace-localstack-"));
/** Nobody else's, so that the first run of these tests on a stack and a later one find the same. */
const branchName = `branch-${randomUUID()}`;
/** With characters that are special in JSON and in JSONata. */
const repositoryName = `sample "${randomUUID()}" \\ {% $läuft %}`;
let location: string;
let laptop: Workflows;
let ways: { readonly [way in "direct" | "local" | "client" | "hand"]: Way };

beforeAll(async () => {
  ({ location } = await createSampleRepository(join(directory, "sample")));
  const platform = local({ directory: join(directory, "local") });
  laptop = connect(platform);
  ways = {
    direct: directly(),
    local: byClient(laptop, platform.items),
    client: byClient(client(OTHER_STACK), itemsOf(OTHER_STACK)),
    hand: byHand(STACK, client(STACK), itemsOf(STACK)),
  };
});
afterAll(async () => {
  await laptop.close();
  rmSync(directory, { recursive: true });
});

/** Runs a workflow in all four ways and holds them against each other; answers how it ended in each. */
async function everywhere(definition: WorkflowDefinition, flow: unknown, parameters: JsonObject): Promise<Outcome> {
  const run = (way: Way): Promise<Outcome> => way.run(definition, flow as Flow, parameters);
  const [called, onLaptop, submitted, started] = [
    await run(ways.direct),
    await run(ways.local),
    ...(await Promise.all([run(ways.client), run(ways.hand)])),
  ];
  const logs = await onLaptop.logs();
  expect(logs.map(withoutIndex)).toEqual(await called.logs());
  for (const outcome of [onLaptop, submitted, started]) {
    expect(outcome.ending).toEqual(called.ending);
    expect(outcome.tags).toEqual(called.tags);
    expect(outcome.steps).toEqual(onLaptop.steps);
    expect(outcome.run).toMatchObject(
      called.ending.error === undefined
        ? { state: "completed", result: called.ending.result ?? null, parameters }
        : { state: "failed", error: called.ending.error, parameters },
    );
    await vi.waitFor(async () => expect(await outcome.logs()).toEqual(logs), SOON);
  }
  expect(started.calls?.map(comparable)).toEqual(called.calls?.map(comparable));
  return called;
}

/** A direct call is plain code, which does not know how often a loop went round. */
function withoutIndex(line: string): string {
  return line.replace(/\[\d+\] /, " ");
}

/** Run ids are of one run alone, packed bytes of one git engine, counts of one store. */
function comparable(value: unknown): Json {
  const text = JSON.stringify(value, (key, part: unknown) =>
    typeof part === "number" && ["size", "storedBytes", "repositories"].includes(key) ? 0 : part,
  );
  return JSON.parse(
    text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tar|(?<="snapshot":")[^"]+/g, "…"),
  ) as Json;
}

describe("the direct call, the laptop, our client and StartExecution agree", () => {
  const add = (parameters: JsonObject): Promise<Outcome> => everywhere(GIT_REPOSITORY_ADD, addRepository, parameters);

  it("on a repository that is new", async () => {
    const { ending, tags } = await add({ location, repositoryName, branchName });
    expect(ending.result).toMatchObject({ status: "added", defaultBranch: "main" });
    expect(tags).toContain(`infrahub.app/branch/${branchName}`);
  });

  it("on one that is known already", async () => {
    const { ending, calls } = await add({ location, repositoryName, branchName });
    expect(ending.result).toMatchObject({ status: "unchanged" });
    expect(calls?.map(({ task }) => task)).not.toContain("clone-repository");
  });

  it("on one that does not exist: the name and the message of the task's error, at every caller", async () => {
    const { ending } = await add({ location: join(directory, "nowhere"), repositoryName, branchName });
    expect(ending.error?.name).toBe("RepositoryNotFound");
    expect(ending.error?.message).toContain(join(directory, "nowhere"));
  });

  it("on the objects of a branch, two of them bad on purpose", async () => {
    for (const { items } of Object.values(ways)) {
      const branch = { pk: `branch/${branchName}` };
      await items.put({ ...branch, sk: "Repository/bad-location", commit: "0".repeat(40) });
      await items.put({
        pk: "repositories",
        sk: "bad-location",
        name: "gone",
        location: "/does/not/exist",
        defaultBranch: "main",
      });
      await items.put({ ...branch, sk: "Repository/bad-record" });
      await items.put({ pk: "repositories", sk: "bad-record", name: "", location, defaultBranch: "main" });
    }
    const outcome = await everywhere(CUSTOM_VALIDATION, validateObjects, { objectKind: "Repository", branchName });
    expect(outcome.ending).toEqual({ result: 3 });
    const warnings = (await outcome.logs()).filter((line) => line.startsWith("warn"));
    expect(warnings).toEqual([
      expect.stringContaining("gone is not valid"),
      expect.stringContaining("bad-record is not valid"),
    ]);
  });

  it("on the daily telemetry, which sends nothing by itself", async () => {
    expect((await everywhere(ANONYMOUS_TELEMETRY_SEND, sendTelemetry, {})).ending).toEqual({ result: "skipped" });
  });
});

it("clones over http where there is no git binary, and fills in the parameters that a raw start leaves out", async () => {
  const server = await gitServer(directory);
  const name = `sample-${randomUUID()}`;
  const hand = await ways.hand.run(GIT_REPOSITORY_ADD, addRepository, {
    location: `${server.url}/sample/.git`,
    repositoryName: name,
  });
  expect(hand.ending.result).toMatchObject({ status: "added", defaultBranch: "main" });
  expect(hand.run?.name).toBe(`Adding repository ${name} in branch main`);
  expect(hand.tags).toContain("infrahub.app/branch/main");
});
