import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { queryOf, writeCursor } from "../../../engine/cli/commands/runs.ts";

describe("runs", () => {
  it("passes its filters on", () => {
    const same = {
      branch: "main",
      node: "n1",
      state: "open",
      workflow: "w",
      parent: "p",
      name: "x",
      limit: 5,
    } as const;
    const options = { ...same, tag: ["a", "b"], since: "2h", until: "1h", all: true };
    const expected = { ...same, tags: ["a", "b"], from: 2_800_000, to: 6_400_000, includeUnchanged: true };
    expect(queryOf(options, 10_000_000)).toEqual(expected);
    expect(queryOf({}, 0)).toEqual({});
  });

  it("asks for the next page of the same time as for the first", () => {
    const time = fc.option(fc.nat(), { nil: undefined });
    fc.assert(
      fc.property(time, time, fc.base64String(), (from, to, cursor) => {
        const text = writeCursor(
          { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) },
          cursor,
        );
        expect(queryOf({ since: "2h", until: "1h", cursor: text }, 5e12)).toEqual({
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
          cursor,
        });
      }),
    );
  });

  it.each(["since", "until"])("refuses a --%s that is no time", (option) => {
    expect(() => queryOf({ [option]: "soon" }, 0)).toThrow(`--${option} "soon" is neither a duration nor a time`);
  });
});
