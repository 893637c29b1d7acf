import { defineConfig } from "vitest/config";

const report = process.env["MILLRACE_TEST_REPORT"];

// eslint-disable-next-line no-restricted-exports -- vitest reads a default export
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["node_modules/**", "test/localstack/**"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A count of the tests for whoever runs several suites, beside what people read.
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
  },
});
