import * as z from "zod";
import { defineWorkflow } from "../../../../engine/model/workflow.ts";

const OF_SKU = {
  module: "expert/children",
  function: "counts",
  parameters: z.object({ sku: z.string() }),
  result: z.number(),
} as const;
const OF_CHANGE = { ...OF_SKU, parameters: z.object({ proposedChange: z.string() }) } as const;

export const IMPORT_OBJECTS = defineWorkflow({ ...OF_SKU, name: "import-objects" });
export const ANNOUNCE = defineWorkflow({ ...OF_SKU, name: "announce" });
export const CHECK_OBJECTS = defineWorkflow({
  ...OF_SKU,
  name: "check-objects",
  parameters: z.object({ objects: z.number() }),
});
export const DATA_INTEGRITY = defineWorkflow({ ...OF_CHANGE, name: "request-proposed-change-data-integrity" });
export const SCHEMA_INTEGRITY = defineWorkflow({ ...OF_CHANGE, name: "request-proposed-change-schema-integrity" });
export const REPOSITORY_CHECKS = defineWorkflow({ ...OF_CHANGE, name: "request-proposed-change-repository-checks" });
export const REFRESH_ARTIFACTS = defineWorkflow({ ...OF_CHANGE, name: "request-proposed-change-refresh-artifacts" });
export const ARTIFACT_GENERATE = defineWorkflow({
  module: "expert/children",
  function: "names",
  name: "request-artifact-generate",
  parameters: z.object({ definition: z.string(), target: z.string() }),
  result: z.string(),
});
