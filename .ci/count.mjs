// Prints "<passed> <failed>" of one command: the tests of its report where it wrote one, else the command itself. A
// command that fails without a failed test (a lint error before the tests, say) counts as one failure more.
import { existsSync, readFileSync } from "node:fs";

const [report, outcome] = process.argv.slice(2);
const succeeded = outcome === "0";
const { numPassedTests, numFailedTests } = existsSync(report)
  ? JSON.parse(readFileSync(report, "utf8"))
  : { numPassedTests: succeeded ? 1 : 0, numFailedTests: 0 };
console.log(numPassedTests, succeeded ? numFailedTests : Math.max(1, numFailedTests));
