import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { queryOf, writeCursor } from "../../../engine/cli/commands/runs.ts";

describe("runs", () => {
  it("passes its filters on", () => {
    const options = { tag: ["a", "b"], state: "failed", workflow: "w", limit: 5, since: "2h" } as const;
    expect(queryOf(options, 10_000_000)).toEqual({
      tags: ["a", "b"],
      state: "failed",
      workflow: "w",
      limit: 5,
      from: 2_800_000,
    });
    expect(queryOf({}, 0)).toEqual({});
  });

  it("asks for the next page from the same moment as for the first", () => {
    fc.assert(
      fc.property(fc.option(fc.nat(), { nil: undefined }), fc.base64String(), (from, cursor) => {
        const text = writeCursor(from, cursor);
        expect(queryOf({ since: "2h", cursor: text }, 5e12)).toEqual({
          ...(from === undefined ? {} : { from }),
          cursor,
        });
      }),
    );
  });

  it("refuses a --since that is no time", () => {
    expect(() => queryOf({ since: "soon" }, 0)).toThrow(/--since "soon" is neither a duration nor a time/);
  });
});
