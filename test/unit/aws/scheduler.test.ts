import { afterEach, describe, expect, it, vi } from "vitest";
import { schedulerTimers } from "../../../engine/aws/scheduler.ts";
import { fakeAws } from "./fake-aws.ts";

const RUN = "0198c0de-0000-7000-8000-000000000001";
const ROLE = "arn:aws:iam::123456789012:role/schedule";

describe("a timer", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  const timersOf = () => schedulerTimers({ stack: "millrace", region: "eu-west-1", account: "123456789012" });

  it("is a one-time schedule of the stack's group that tells submit to resume its run, and never early", async () => {
    const requests = await fakeAws(() => ({ body: {} }));
    vi.stubEnv("MILLRACE_SCHEDULE_ROLE", ROLE);
    await timersOf().at(RUN, "telemetry", Date.parse("2127-01-01T00:00:00.001Z"));
    expect(requests).toMatchObject([
      {
        action: `POST /schedules/${RUN}`,
        body: {
          GroupName: "millrace",
          ScheduleExpression: "at(2127-01-01T00:00:01)",
          ScheduleExpressionTimezone: "UTC",
          ActionAfterCompletion: "DELETE",
          FlexibleTimeWindow: { Mode: "OFF" },
          Target: {
            Arn: "arn:aws:lambda:eu-west-1:123456789012:function:millrace_submit",
            RoleArn: ROLE,
            Input: JSON.stringify({ command: "resume", run: RUN }),
          },
        },
      },
    ]);
  });

  it("is made for a moment to come where the time is past", async () => {
    const requests = await fakeAws(() => ({ body: {} }));
    vi.stubEnv("MILLRACE_SCHEDULE_ROLE", ROLE);
    const before = Date.now();
    await timersOf().at(RUN, "telemetry", 0);
    const [, second] = /^at\((.+)\)$/.exec(requests[0]?.body["ScheduleExpression"] as string) ?? [];
    expect(Date.parse(`${second}Z`)).toBeGreaterThan(before);
  });

  it("stays as it is where it is made again, and may be cancelled twice", async () => {
    const requests = await fakeAws((action) => ({
      error: action.startsWith("DELETE") ? "ResourceNotFoundException" : "ConflictException",
    }));
    vi.stubEnv("MILLRACE_SCHEDULE_ROLE", ROLE);
    const timers = timersOf();
    await timers.at(RUN, "telemetry", 0);
    await timers.cancel(RUN);
    expect(requests[1]?.action).toMatch(new RegExp(`^DELETE /schedules/${RUN}\\?.*groupName=millrace`));
  });

  it("fails where it cannot be made", async () => {
    await fakeAws(() => ({ error: "AccessDeniedException" }));
    const timers = timersOf();
    await expect(timers.at(RUN, "telemetry", 0)).rejects.toThrow("MILLRACE_SCHEDULE_ROLE");
    vi.stubEnv("MILLRACE_SCHEDULE_ROLE", ROLE);
    await expect(timers.at(RUN, "telemetry", 0)).rejects.toMatchObject({ name: "AccessDeniedException" });
    await expect(timers.cancel(RUN)).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});
