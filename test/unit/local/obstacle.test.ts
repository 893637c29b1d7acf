import { expect, it } from "vitest";
import type { Catalogue } from "../../../engine/local/catalogue.ts";
import { LEASE_MS, releaseLease, takeLease } from "../../../engine/local/lease.ts";
import { undriven, unusable, type ObstacleOptions } from "../../../engine/local/obstacle.ts";
import { Database } from "../../../engine/local/sqlite/database.ts";
import { MillraceError } from "../../../engine/model/errors.ts";

function options(changes: Partial<ObstacleOptions> = {}): ObstacleOptions {
  const catalogue = () => Promise.reject(new Error("not asked for"));
  return { database: new Database(":memory:"), directory: "there", now: 0, catalogue, ...changes };
}

it("is that nobody drives the runs, until somebody does and while it does", async () => {
  const here = options();
  const nobody = /^No process drives the runs in there: [^\n]+\.$/;
  expect(undriven(here)).toMatch(nobody);
  await takeLease(here.database, "somebody", 0);
  expect(undriven(here)).toBeUndefined();
  expect(undriven({ ...here, now: LEASE_MS })).toMatch(nobody);
  await releaseLease(here.database, "somebody", 0);
  expect(undriven(here)).toMatch(nobody);
});

it("is that a workflow is not in the catalogue, or that this does not compile", async () => {
  const absent = new MillraceError("WorkflowNotFound", "Add it.");
  const compiled = (name: string) => {
    if (name === "nope") throw absent;
    return {};
  };
  const catalogue = () => Promise.resolve({ compiled } as unknown as Catalogue);
  expect(await unusable("greet", options({ catalogue }))).toBeUndefined();
  expect(await unusable("nope", options({ catalogue }))).toBe("Add it.");
  const broken = () => Promise.reject(new MillraceError("InvalidDefinition", "many\nlines"));
  expect(await unusable("greet", options({ catalogue: broken }))).toContain("`millrace check`");
  await expect(unusable("greet", options())).rejects.toThrow("not asked for");
});
