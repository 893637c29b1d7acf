/** As a project's own `catalogue/flows.ts` does. */
declare module "../../../../engine/model/workflow.ts" {
  interface FlowModules {
    "coordination/approvals": typeof import("../functions/coordination/approvals.ts");
    "coordination/flows": typeof import("../functions/coordination/flows.ts");
    "coordination/joins": typeof import("../functions/coordination/joins.ts");
    "coordination/parents": typeof import("../functions/coordination/parents.ts");
  }
}

export {};
