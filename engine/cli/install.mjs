// `prestart`, `pretest` and so on: npm looks for `node` again for the script that follows, and then finds Node 24.
import { prepare, ROOT } from "./prepare.mjs";

try {
  prepare(ROOT);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
