/** What a case found. Throwing instead means that it could not be carried out. */
export type CaseReport = {
  accepted: number;
  completed: number;
  /** Requests without the answer they should have had, in all. */
  failedRequests: number;
  /** What the fault did, for people. */
  notes: string[];
  /** What should not be; the case has passed when there is none. */
  faults: string[];
};

/** The figures of all cases as a table, with what is wrong below it. */
export function formatReport(reports: ReadonlyMap<string, CaseReport>): string {
  const head = ["case", "accepted", "completed", "lost", "failed requests", ""];
  const rows = [...reports].map(([name, report]) => [
    name,
    String(report.accepted),
    String(report.completed),
    String(report.accepted - report.completed),
    String(report.failedRequests),
    report.faults.length === 0 ? "passed" : "FAILED",
  ]);
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  const details = [...reports].flatMap(([name, { notes, faults }]) => [
    "",
    name,
    ...notes.map((note) => `  - ${note}`),
    ...faults.map((fault) => `  - WRONG: ${fault}`),
  ]);
  return [line(head), ...rows.map(line), ...details, ""].join("\n");
}
