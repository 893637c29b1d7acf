import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { CUSTOM_VALIDATION } from "../../catalogue/validation.ts";
import { runKey } from "../../engine/coordination/keys.ts";
import { ErrorName } from "../../engine/model/errors.ts";
import { runIdOf } from "../../engine/model/run-id.ts";
import { client, itemsOf, settled, startRaw } from "./deployed.ts";
import { OTHER_STACK, STACK } from "./stack.ts";

const newParameters = () => ({ objectKind: "Repository", branchName: `branch-${randomUUID()}` });

/** The name of the second stack begins with that of the first, the hardest case for a rule that goes by prefixes. */
describe("two stacks in one account", () => {
  it.each([
    [STACK, OTHER_STACK],
    [OTHER_STACK, STACK],
  ])("a run of %s leaves no trace in %s, however it was started", async (stack, elsewhere) => {
    const parameters = newParameters();
    const workflows = client(stack);
    const submitted = await workflows.submitWorkflow(CUSTOM_VALIDATION, { parameters });
    const started = runIdOf(await startRaw(stack, CUSTOM_VALIDATION.name, parameters));
    const tags = [`infrahub.app/branch/${parameters.branchName}`];
    for (const id of [submitted.id, started]) expect((await settled(workflows, id)).tags).toContain(tags[0]);
    // An event of those runs that had gone to the other stack too would have been settled there before this run's.
    const elsewhereOnly = client(elsewhere);
    await settled(
      elsewhereOnly,
      (await elsewhereOnly.submitWorkflow(CUSTOM_VALIDATION, { parameters: newParameters() })).id,
    );
    for (const id of [submitted.id, started]) {
      expect(await itemsOf(elsewhere).get(runKey(id), { consistent: true })).toBeUndefined();
      await expect(elsewhereOnly.getRun(id)).rejects.toMatchObject({ name: ErrorName.RUN_NOT_FOUND });
    }
    const found = await workflows.queryRuns({ tags });
    expect(found.runs.map(({ id }) => id).sort()).toEqual([submitted.id, started].sort());
    expect(await elsewhereOnly.queryRuns({ tags })).toEqual({ runs: [] });
  });
});
