// Prints "N passed, N failed" from vitest's JSON report; ends with 1 when no test ran.
import { readFileSync } from "node:fs";

const report = JSON.parse(readFileSync(process.argv[2], "utf8"));
const passed = report.numPassedTests;
// A file that fails outside of a test (its set-up, a leak) counts as one failure.
const brokenFiles = report.testResults.filter(
  (file) => file.status === "failed" && file.assertionResults.every((t) => t.status !== "failed"),
).length;
const failed = report.numFailedTests + brokenFiles;
process.stdout.write(`${passed} passed, ${failed} failed\n`);
if (passed + failed === 0) process.exit(1);
