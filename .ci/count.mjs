// Prints "<passed> <failed>" of one command: the tests of its report where it wrote one, else the command itself. A
// command that fails without a failed test (a lint error before the tests, say) counts as one failure more. What failed goes
// to a file, a line each, for the end of the run.
import { appendFileSync, existsSync, readFileSync } from "node:fs";

const [report, outcome, failures, command] = process.argv.slice(2);
const succeeded = outcome === "0";
const { numPassedTests, numFailedTests, testResults } = existsSync(report)
  ? JSON.parse(readFileSync(report, "utf8"))
  : { numPassedTests: succeeded ? 1 : 0, numFailedTests: 0, testResults: [] };
const failed = succeeded ? numFailedTests : Math.max(1, numFailedTests);
const tests = testResults
  .flatMap(({ assertionResults }) => assertionResults)
  .filter(({ status }) => status === "failed");
const why = tests.map(({ fullName, failureMessages: [message = ""] }) => `${fullName}: ${message.slice(0, 500)}`);
if (failed > 0) appendFileSync(failures, `${[`failed: ${command}`, ...why].join("\n")}\n`);
console.log(numPassedTests, failed);
