import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { CUSTOM_VALIDATION } from "../../catalogue/validation.ts";
import { ErrorName } from "../../engine/model/errors.ts";
import { hashedRunId, runIdOf } from "../../engine/model/run-id.ts";
import { RESERVED_KEY } from "../../engine/model/wire.ts";
import { client, settled, startRaw } from "./deployed.ts";
import { STACK } from "./stack.ts";

const workflows = client(STACK);
const newParameters = () => ({ objectKind: "Repository", branchName: `branch-${randomUUID()}` });

describe("a run that nobody submitted", () => {
  it("gets a record with tags and context under an id hashed from its ARN", async () => {
    const parameters = newParameters();
    const context = { branch: parameters.branchName, account: "ada" };
    const name = `my own name ${randomUUID()}`.replaceAll(" ", "_");
    const input = { ...parameters, [RESERVED_KEY]: { context, tags: ["by-hand"] } };
    const execution = await startRaw(STACK, CUSTOM_VALIDATION.name, input, name);
    const id = runIdOf(execution);
    expect(id).toBe(
      hashedRunId(`arn:aws:states:us-east-1:000000000000:execution:${STACK}_${CUSTOM_VALIDATION.name}:${name}`),
    );
    const run = await settled(workflows, id);
    expect(run).toMatchObject({
      state: "completed",
      result: 0,
      execution,
      parameters,
      context,
      name: "Validate Repository objects",
    });
    expect(run.tags).toEqual([
      "by-hand",
      "infrahub.app",
      `infrahub.app/branch/${parameters.branchName}`,
      "infrahub.app/database-change",
      "infrahub.app/workflow-type/user",
    ]);
    expect((await workflows.queryRuns({ tags: [`infrahub.app/branch/${parameters.branchName}`] })).runs).toEqual([run]);
    expect(await workflows.steps(id)).not.toEqual([]);
  });

  it("keeps the id of a run where its name is one", async () => {
    const id = hashedRunId(randomUUID());
    await startRaw(STACK, CUSTOM_VALIDATION.name, newParameters(), id);
    expect(await settled(workflows, id)).toMatchObject({ id, state: "completed" });
  });
});

describe("an idempotency key", () => {
  it("answers with the same run, also after its end, and refuses other parameters", async () => {
    const parameters = newParameters();
    const idempotencyKey = randomUUID();
    const submit = () => workflows.submitWorkflow(CUSTOM_VALIDATION, { parameters, idempotencyKey });
    const [first, second] = await Promise.all([submit(), submit()]);
    expect(second).toEqual(first);
    const run = await settled(workflows, first.id);
    expect(await submit()).toEqual(first);
    const tags = [`infrahub.app/branch/${parameters.branchName}`];
    expect((await workflows.queryRuns({ tags })).runs).toEqual([run]);
    const other = workflows.submitWorkflow(CUSTOM_VALIDATION, { parameters: newParameters(), idempotencyKey });
    await expect(other).rejects.toMatchObject({ name: ErrorName.CONFLICT });
  });

  it("leaves nothing behind where the parameters do not fit", async () => {
    const parameters = { objectKind: "", branchName: "main" };
    const submitted = workflows.submitWorkflow(CUSTOM_VALIDATION, { parameters, idempotencyKey: randomUUID() });
    await expect(submitted).rejects.toMatchObject({ name: ErrorName.INVALID_PARAMETERS });
  });
});
