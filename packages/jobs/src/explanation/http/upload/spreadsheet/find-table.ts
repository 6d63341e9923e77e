import type { Language } from "@ilgam/contracts";
import type { SheetRow } from "@ilgam/parsing";
import { withoutGuard } from "../../../../tables/csv-line.ts";
import { fileProblem } from "../file-problem.ts";
import { type GivenRow, type GivenRows, maxRows } from "../given-row.ts";
import {
  type Columns,
  columnsOf,
  fieldLabel,
  isComplete,
  missingIn,
  remarkColumns,
  repeatedIn,
} from "./columns.ts";

/** Lines that hold something in which the header may stand: a title may be above it. */
export const headerWithin = 10;

type Cell = SheetRow["cells"][number];

/** A header and the rows below it. */
export type Table = { header: string[]; columns: Columns; start: number; rows: SheetRow[] };

const textOf = (cell: Cell | undefined) => (typeof cell === "object" ? cell.error : (cell ?? ""));

/** The table of questions in these lines: the one with the header that names the most of it. */
export function findTable(lines: readonly SheetRow[]): Table | undefined {
  const tables = lines.slice(0, headerWithin).map(({ index, cells }, at) => {
    const header = cells.map(textOf);
    return { header, columns: columnsOf(header), start: index, rows: lines.slice(at + 1) };
  });
  const complete = tables.find(({ columns }) => isComplete(columns));
  if (complete) return complete;
  const named = ({ columns }: Table) => columns.filter((field) => field).length;
  return tables.reduce<Table | undefined>(
    (best, table) => (best && named(best) >= named(table) ? best : table),
    undefined,
  );
}

/**
 * The rows of a table as they came; a row's number counts the lines below the header as Excel does,
 * empty ones included, which are left out.
 * @param isText its cells were told apart by a sign that may stand in one of them
 * @throws ApiError invalid_field when it is no table of questions
 */
export function rowsOfTable(
  table: Table | undefined,
  isText: boolean,
  language: Language,
): GivenRows {
  if (!table) throw fileProblem("file_without_questions", language);
  const { header, columns, rows } = table;
  const missing = missingIn(columns).map((field) => fieldLabel(field, language));
  if (missing.length > 0) {
    throw fileProblem("header_missing", language, { names: missing.join(", ") });
  }
  const repeated = repeatedIn(columns);
  if (repeated) {
    throw fileProblem("header_repeats", language, { name: fieldLabel(repeated, language) });
  }
  if (rows.length === 0) throw fileProblem("file_without_questions", language);
  if (rows.length > maxRows) throw fileProblem("items_too_many", language, { limit: maxRows });
  return { header, rows: givenRows(table, isText) };
}

function givenRows({ header, columns, start, rows }: Table, isText: boolean): GivenRow[] {
  // In a file that we have handed out, corrected, what a spreadsheet would compute has a mark.
  const isOurs = remarkColumns(header).length > 0;
  const fields = columns.flatMap((field, column) => (field ? [{ field, column }] : []));
  return rows.map(({ index, cells }) => {
    const texts = cells.map((cell) => (isOurs ? withoutGuard(textOf(cell)) : textOf(cell)));
    const failed = fields.flatMap(({ field, column }) => {
      const cell = cells[column];
      return typeof cell === "object" ? [[field, cell.error]] : [];
    });
    return {
      row: index - start,
      values: Object.fromEntries(fields.map(({ field, column }) => [field, texts[column] ?? ""])),
      cells: texts,
      hasTooMany: isText && texts.slice(header.length).some((text) => text.trim() !== ""),
      mayNumberAnswer: true,
      failedFormulas: Object.fromEntries(failed),
    };
  });
}
