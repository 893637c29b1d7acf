import { defineWorkflow, WorkflowType } from "../engine/model/workflow.ts";
import { SendStatus, SendTelemetry } from "../functions/telemetry/models.ts";
import { dailyMinute } from "./daily-minute.ts";

const NAME = "anonymous_telemetry_send";

export const ANONYMOUS_TELEMETRY_SEND = defineWorkflow({
  name: NAME,
  type: WorkflowType.INTERNAL,
  module: "telemetry/flows",
  function: "sendTelemetry",
  parameters: SendTelemetry,
  result: SendStatus,
  cron: `${dailyMinute(process.env["MILLRACE_STACK"] ?? "local", NAME)} 2 * * *`,
  description: "Stores a daily snapshot of counts; sends it only where MILLRACE_TELEMETRY_URL is set.",
});
