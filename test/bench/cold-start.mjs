// One cold start of a function's bundle, in milliseconds: `cold-start.mjs <index.mjs> [<payload>]`. Plain JavaScript, as
// Lambda runs it.
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";

const [, , bundle, payload] = process.argv;
const boot = performance.now();
const { handler } = await import(pathToFileURL(bundle).href);
const imported = performance.now();
let result = 0;
if (payload !== undefined) {
  await handler(JSON.parse(payload), { invokedFunctionArn: "bench:1", getRemainingTimeInMillis: () => 60_000 });
  result = performance.now() - imported;
}
console.log(JSON.stringify({ boot, import: imported - boot, result, total: imported + result }));
process.exit();
