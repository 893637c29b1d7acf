import { copyFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { connect, type Workflows } from "../../../engine/client/connect.ts";
import { compiledWorkflows } from "../../../engine/local/compile.ts";
import { Database } from "../../../engine/local/sqlite/database.ts";
import { local, type LocalOptions, type LocalPlatform } from "../../../engine/local/local.ts";
import { temporaryFolder } from "./temporary.ts";

export const ROOT = join(import.meta.dirname, "fixture");

export interface Opened {
  readonly platform: LocalPlatform;
  readonly workflows: Workflows;
}

/** Platforms over the fixture, whose catalogue is compiled once for all tests of a file. */
export function platforms(): { newDirectory(): string; open(directory: string, options?: LocalOptions): Opened } {
  let template = "";
  beforeAll(async () => {
    template = await mkdtemp(join(tmpdir(), "millrace-"));
    const database = new Database(join(template, "millrace.db"));
    await compiledWorkflows(database, ROOT);
    database.close();
  });
  afterAll(() => rm(template, { recursive: true }));
  return {
    newDirectory: () => {
      const directory = temporaryFolder();
      copyFileSync(join(template, "millrace.db"), join(directory, "millrace.db"));
      return directory;
    },
    open: (directory, options = {}) => {
      const platform = local({ root: ROOT, directory, ...options });
      onTestFinished(() => platform.close());
      return { platform, workflows: connect(platform) };
    },
  };
}
