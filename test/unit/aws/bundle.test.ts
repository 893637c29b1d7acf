import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { expect, it } from "vitest";

const FOLDER = fileURLToPath(new URL("../../../engine/aws", import.meta.url));

/** The AWS clients whose code is in a bundle of one export of `millrace/aws`. */
function clientsOf(name: string): string[] {
  const { metafile } = buildSync({
    stdin: { contents: `export { ${name} } from "./aws.ts";`, resolveDir: FOLDER },
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: "esm",
    platform: "node",
    mainFields: ["module", "main"],
  });
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const held = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file);
  const clients = held.flatMap((file) => /@aws-sdk\/client-([^/]+)/.exec(file)?.[1] ?? []);
  return [...new Set(clients)].sort();
}

it.each([
  ["serve", ["dynamodb", "lambda", "s3"]],
  ["submitHandler", ["dynamodb", "scheduler", "sfn"]],
  ["settleHandler", ["dynamodb", "scheduler", "sfn"]],
  ["lockHandler", ["dynamodb", "scheduler", "sfn"]],
  ["sweepHandler", ["dynamodb", "lambda", "scheduler", "sfn"]],
])("a bundle of %s holds the clients that it needs, and no other", (name, clients) => {
  expect(clientsOf(name)).toEqual(clients);
});
