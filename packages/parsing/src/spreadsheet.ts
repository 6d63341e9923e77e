import { z } from "zod";

/**
 * What a cell shows; for a formula in error its `#DIV/0!`, and "" for one whose value was not stored,
 * as programs do that write formulas and compute none.
 */
const SheetCell = z.union([z.string(), z.object({ error: z.string() })]);
export type SheetCell = z.infer<typeof SheetCell>;

/** A row that holds something; its cells from the first column on, empty ones behind left out. */
export const SheetRow = z.object({
  /** Its place in the sheet, from 0. */
  index: z.int().min(0),
  cells: z.array(SheetCell),
});
export type SheetRow = z.infer<typeof SheetRow>;

const Sheet = z.object({ name: z.string(), rows: z.array(SheetRow) });
export type Sheet = z.infer<typeof Sheet>;

export const SheetLimits = z.object({
  /** Resident memory of the child that reads, MB. */
  memoryMb: z.int().min(64),
  timeoutMs: z.int().min(1),
  /** Of each sheet so many rows that hold something are read, the others left out. */
  maxRows: z.int().min(1),
  /** Further ones are left out. */
  maxColumns: z.int().min(1),
  /** Of all cells that are read, each counted as 16 more. */
  maxCharacters: z.int().min(1),
});
export type SheetLimits = z.infer<typeof SheetLimits>;

const problems = ["encrypted", "corrupt", "too_large", "out_of_memory", "out_of_time"] as const;
export type SpreadsheetProblem = (typeof problems)[number];

/** What the child says, once. */
export const SheetAnswer = z.union([
  z.object({ sheets: z.array(Sheet) }),
  z.object({ problem: z.enum(problems), detail: z.string() }),
]);
export type SheetAnswer = z.infer<typeof SheetAnswer>;

/** A spreadsheet that cannot be read, however often it is tried. */
export class UnreadableSpreadsheet extends Error {
  readonly problem: SpreadsheetProblem;
  /** @param detail of the library that read it, for the log. */
  constructor(problem: SpreadsheetProblem, detail = "") {
    super(`the spreadsheet is unreadable: ${problem}${detail && ` (${detail})`}`);
    this.name = "UnreadableSpreadsheet";
    this.problem = problem;
  }
}
