/** As a project's own `catalogue/flows.ts` does. */
declare module "../../../../engine/model/workflow.ts" {
  interface FlowModules {
    "coordination/flows": typeof import("../functions/coordination/flows.ts");
    "coordination/parents": typeof import("../functions/coordination/parents.ts");
  }
}

export {};
