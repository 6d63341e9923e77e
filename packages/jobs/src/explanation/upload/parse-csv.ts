import type { Language } from "@ilgam/contracts";
import { CsvError, parse } from "csv-parse/sync";
import { fileProblem } from "./decode-csv.ts";
import { type GivenRow, maxRows, rowFields } from "./given-row.ts";

type RowField = (typeof rowFields)[number];

const needed: RowField[] = ["questionText", "option1", "option2", "correctAnswer"];

class TooManyRows extends Error {}

/**
 * The rows of a CSV with a header line; a row's number counts the lines below the header as Excel
 * does, empty ones included, which are left out.
 * @throws ApiError invalid_field when the file as a whole is no such CSV
 */
export function parseCsv(text: string, language: Language): GivenRow[] {
  const [header, ...records] = recordsOf(text, language);
  if (!header) throw fileProblem("csv_empty", language);
  const fields = fieldsOf(header.cells, language);
  if (records.length === 0) throw fileProblem("csv_empty", language);
  return records.map(({ cells, index }) => ({
    row: index,
    hasTooMany: cells.slice(fields.length).some((cell) => cell.trim() !== ""),
    values: Object.fromEntries(
      fields.flatMap((field, column) => (field ? [[field, cells[column] ?? ""]] : [])),
    ),
  }));
}

type Numbered = { index: number; cells: string[] };

/** The lines that are not empty, the header first, each with its number from 0. */
function recordsOf(text: string, language: Language): Numbered[] {
  const kept: Numbered[] = [];
  let index = -1;
  const keep = (cells: string[]): null => {
    // Empty lines before the header count for nothing.
    const isBlank = cells.every((cell) => cell.trim() === "");
    if (!isBlank || kept.length > 0) index += 1;
    if (!isBlank) kept.push({ index, cells });
    if (kept.length > maxRows + 1) throw new TooManyRows();
    return null;
  };
  try {
    parse(text, { relax_column_count: true, on_record: keep });
  } catch (error) {
    if (error instanceof TooManyRows) {
      throw fileProblem("items_too_many", language, { limit: maxRows });
    }
    if (!(error instanceof CsvError)) throw error;
    throw fileProblem("csv_malformed", language, { line: Number(error.lines ?? 1) });
  }
  return kept;
}

/** Which field each column holds; undefined for a column of another name, which is not read. */
function fieldsOf(header: string[], language: Language): (RowField | undefined)[] {
  const names = header.map((name) => name.trim().toLowerCase());
  const fields = names.map((name) => rowFields.find((field) => field.toLowerCase() === name));
  const missing = needed.filter((field) => !fields.includes(field));
  if (missing.length > 0) {
    throw fileProblem("csv_header_missing", language, { names: missing.join(", ") });
  }
  const repeated = fields.find((field, column) => field && fields.indexOf(field) !== column);
  if (repeated) throw fileProblem("csv_header_repeats", language, { name: repeated });
  return fields;
}
