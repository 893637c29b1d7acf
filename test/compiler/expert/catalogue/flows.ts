/** As a project's own `catalogue/flows.ts` does, for the flows that are children here. */
declare module "../../../../engine/model/workflow.ts" {
  interface FlowModules {
    "expert/children": typeof import("../functions/expert/children.ts");
  }
}

export {};
