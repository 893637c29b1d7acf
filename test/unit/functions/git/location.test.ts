import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { localPath, redact, withoutCredentials } from "../../../../functions/git/location.ts";
import { Location } from "../../../../functions/git/models.ts";

describe("location", () => {
  it("is shown without what lets somebody in", () => {
    expect(withoutCredentials("https://ada:secret@host/x.git")).toBe("https://host/x.git");
    expect(withoutCredentials("https://token@host/x.git")).toBe("https://host/x.git");
    expect(withoutCredentials("ssh://git:secret@host/x.git")).toBe("ssh://git@host/x.git");
    for (const kept of ["https://host/x.git", "git@host:x.git", "/srv/x.git", "file:///srv/x%20y"]) {
      expect(withoutCredentials(kept)).toBe(kept);
    }
  });

  it("loses user and password in any text that git writes about it", () => {
    const part = fc.stringMatching(/^[A-Za-z0-9!$&'()*+,;=~_-]{6,20}$/).filter((text) => text !== "unable");
    fc.assert(
      fc.property(part, part, (user, password) => {
        const location = `https://${user}:${password}@host/x.git`;
        const shown = redact(`unable to access '${location}/': see ${location}`, location);
        expect(shown).toBe("unable to access 'https://host/x.git/': see https://host/x.git");
      }),
    );
    expect(redact("redirected to https://u:p@elsewhere/y", "https://host/x")).toBe("redirected to https://elsewhere/y");
  });

  it("is a path of this machine or elsewhere", () => {
    expect(localPath("/srv/x")).toBe("/srv/x");
    expect(localPath("file:///srv/x%20y")).toBe("/srv/x y");
    expect(localPath("file:///srv/50%/a%2Fb")).toBe("/srv/50%/a/b");
    expect(localPath("https://host/x")).toBeUndefined();
    expect(localPath("git@host:x")).toBeUndefined();
  });

  it.each([
    "",
    "relative/path",
    "../x",
    "--upload-pack=id",
    "ext::sh -c id",
    "ftp://host/x",
    "C:\\x",
    "https://",
    "https://[",
    "file://host/x",
  ])("is refused: %j", (location) =>
    expect(Location.safeParse(location).error?.issues[0]?.message).toMatch(/absolute path, a URL/),
  );

  it.each(["/srv/x", "file:///srv/x", "https://host/x.git", "ssh://git@host/x", "git@host:group/x.git"])(
    "is taken: %j",
    (location) => expect(Location.parse(location)).toBe(location),
  );
});
