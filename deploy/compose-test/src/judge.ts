import type { JobEnds } from "./job-ends.ts";
import type { CaseReport } from "./report.ts";

/**
 * The report of a case: every job of `accepted` has to be completed, and each of `claims`, sentences
 * that must hold, to be true.
 */
export function judge(found: {
  accepted: readonly string[];
  ends: JobEnds;
  /** A line for each request that failed. */
  failures: readonly string[];
  notes: string[];
  claims: Record<string, boolean>;
}): CaseReport {
  const { accepted, ends, failures, notes, claims } = found;
  const faults = Object.entries(claims).flatMap(([claim, holds]) =>
    holds ? [] : [`not so: ${claim}`],
  );
  if (accepted.length === 0) faults.push("no job was accepted, so nothing is shown");
  if (ends.completed !== accepted.length) {
    faults.push(`${accepted.length - ends.completed} accepted jobs were not completed`);
  }
  return {
    accepted: accepted.length,
    completed: ends.completed,
    failedRequests: failures.length,
    notes,
    faults,
  };
}
