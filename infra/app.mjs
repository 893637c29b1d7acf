import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { prepare, ROOT } from "../engine/cli/prepare.mjs";

// What `cdk` runs, under any Node from 20 on: the app itself runs under Node 24.
try {
  const { status } = spawnSync(prepare(ROOT), [join(ROOT, "infra", "app.ts")], { stdio: "inherit" });
  process.exitCode = status ?? 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
