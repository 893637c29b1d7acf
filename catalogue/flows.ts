/** Tells the type of a definition which flow files there are; types only, so the catalogue loads none of them. */
declare module "../engine/model/workflow.ts" {
  interface FlowModules {
    "git/flows": typeof import("../functions/git/flows.ts");
    "telemetry/flows": typeof import("../functions/telemetry/flows.ts");
    "upkeep/flows": typeof import("../functions/upkeep/flows.ts");
    "validation/flows": typeof import("../functions/validation/flows.ts");
  }
}

export {};
