import { describe, expect, it } from "vitest";
import { agree } from "./differential.ts";
import { FLOWS, MODULES, goldenMachine } from "./flows.ts";

describe("A machine does what its flow does as a plain function", () => {
  it.each(FLOWS)("%s", async (name, flow) => {
    const entered = await agree(flow, goldenMachine(name), { sideBySide: name in MODULES["joins"], numRuns: 40 });
    expect(entered).toHaveLength(40);
  });
});
