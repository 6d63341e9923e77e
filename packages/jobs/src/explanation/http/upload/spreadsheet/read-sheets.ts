import type { Language } from "@ilgam/contracts";
import {
  readSpreadsheet,
  type Sheet,
  type SpreadsheetProblem,
  UnreadableSpreadsheet,
} from "@ilgam/parsing";
import { createTurns } from "../../../../uploads/turns.ts";
import { fileProblem } from "../file-problem.ts";
import { type GivenRows, maxRows } from "../given-row.ts";
import { isComplete } from "./columns.ts";
import { findTable, headerWithin, rowsOfTable } from "./find-table.ts";

/** One at once: each may take the memory that this process is left. Who waits holds the file. */
const takeTurn = createTurns(1, 20);

/** Sheets in a sentence. */
const mostNamed = 10;

const sentences = {
  encrypted: "sheet_encrypted",
  corrupt: "sheet_corrupt",
  too_large: "sheet_too_large",
  out_of_memory: "sheet_too_heavy",
  out_of_time: "sheet_too_heavy",
} as const satisfies Record<SpreadsheetProblem, string>;

export type SheetsOptions = {
  /** The sheet with the questions; default: the only one with a header of questions. */
  sheet: string | undefined;
  /** Most text in it, characters. */
  maxCharacters: number;
};

/**
 * The rows of an XLSX's one sheet of questions.
 * @throws ApiError invalid_field, overloaded
 */
export async function readSheets(
  bytes: Buffer,
  { sheet, maxCharacters }: SheetsOptions,
  language: Language,
): Promise<GivenRows> {
  const limits = { maxRows: maxRows + headerWithin, maxCharacters };
  const sheets = await takeTurn(() => readSpreadsheet(bytes, limits)).catch((error: unknown) => {
    if (!(error instanceof UnreadableSpreadsheet)) throw error;
    const values = { limit: maxCharacters };
    throw fileProblem(sentences[error.problem], language, values, error);
  });
  const { rows } = chosen(sheets, sheet, language) ?? { rows: [] };
  return rowsOfTable(findTable(rows), false, language);
}

function chosen(sheets: readonly Sheet[], name: string | undefined, language: Language) {
  const namesOf = (some: readonly Sheet[]) =>
    some
      .slice(0, mostNamed)
      .map((one) => `'${one.name}'`)
      .join(", ") + (some.length > mostNamed ? " …" : "");
  if (name !== undefined) {
    const named = sheets.find((one) => one.name === name);
    if (named) return named;
    throw fileProblem("sheet_unknown", language, { name, names: namesOf(sheets) });
  }
  const withQuestions = sheets.filter(({ rows }) => {
    const table = findTable(rows);
    return table && isComplete(table.columns) && table.rows.length > 0;
  });
  if (withQuestions.length > 1) {
    throw fileProblem("sheets_several", language, { names: namesOf(withQuestions) });
  }
  return withQuestions[0] ?? sheets.find(({ rows }) => rows.length > 0);
}
