import { defineConfig } from "vitest/config";

const report = process.env["MILLRACE_TEST_REPORT"];

// eslint-disable-next-line no-restricted-exports -- vitest reads a default export
export default defineConfig({
  test: {
    include: ["test/localstack/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // The files share two stacks and one LocalStack on few cores.
    fileParallelism: false,
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
  },
});
