import type { Language } from "@ilgam/contracts";
import type { SheetRow } from "@ilgam/parsing";
import { CsvError, type InfoRecord, parse } from "csv-parse/sync";
import { columnsOf, isComplete } from "./columns.ts";
import { fileProblem } from "./file-problem.ts";
import { headerWithin } from "./find-table.ts";
import { maxRows } from "./given-row.ts";

class EnoughRows extends Error {}

/** A bare quotation mark swallows what follows: the mark that was to close a cell is missing. */
class SwallowedRows extends Error {
  readonly line: number;
  constructor(line: number) {
    super("a cell in quotes has no end");
    this.line = line;
  }
}

/** What Excel writes before the header, and hides, to tell the separator. */
const separatorLine = /^"?sep=([^\w"\r\n])"?[,;\t]*\r?\n/i;

/**
 * The lines of a CSV that hold something, with commas, semicolons or tabs: whichever shows a header of
 * questions. Empty ones before the first count for nothing. Quotation marks may stand bare in a cell.
 * @throws ApiError invalid_field when it is malformed or has too many rows
 */
export function parseCsv(text: string, language: Language): SheetRow[] {
  const told = separatorLine.exec(text);
  const body = told ? text.slice(told[0].length) : text;
  const separator = told?.[1] ?? separatorOf(body);
  try {
    const most = maxRows + headerWithin;
    const lines = linesOf(body, separator, most + 1);
    if (lines.length > most) throw fileProblem("items_too_many", language, { limit: maxRows });
    return lines;
  } catch (error) {
    if (error instanceof SwallowedRows) {
      throw fileProblem("csv_malformed", language, { line: error.line });
    }
    if (!(error instanceof CsvError)) throw error;
    throw fileProblem("csv_malformed", language, { line: Number(error.lines ?? 1) });
  }
}

/** The one that a header of questions is seen with, else the one that names the most columns. */
function separatorOf(text: string): string {
  const tries = [",", ";", "\t"].map((separator) => {
    const headers = headersOf(text, separator);
    const named = headers.map((columns) => columns.filter((field) => field).length);
    return { separator, isComplete: headers.some(isComplete), named: Math.max(0, ...named) };
  });
  const [best] = tries.sort((one, other) => other.named - one.named);
  return (tries.find((one) => one.isComplete) ?? best)?.separator ?? ",";
}

function headersOf(text: string, separator: string) {
  try {
    const lines = linesOf(text, separator, headerWithin);
    return lines.map(({ cells }) => columnsOf(cells.map(String)));
  } catch (error) {
    // With this separator it is no table.
    if (error instanceof CsvError || error instanceof SwallowedRows) return [];
    throw error;
  }
}

/** At most so many lines that hold something, each with its number from the first one on. */
function linesOf(text: string, delimiter: string, most: number): SheetRow[] {
  const kept: SheetRow[] = [];
  let index = -1;
  const keep = (given: unknown, { lines }: InfoRecord): null => {
    const { record, raw } = given as { record: string[]; raw: string };
    const isBlank = record.every((cell) => cell.trim() === "");
    if (!isBlank || kept.length > 0) index += 1;
    if (!isBlank) {
      const cells = isStrict(raw, delimiter)
        ? record
        : record.map((cell) => unquoted(cell, delimiter, lines));
      kept.push({ index, cells });
    }
    if (kept.length >= most) throw new EnoughRows();
    return null;
  };
  try {
    parse(text, {
      ...{ delimiter, relax_column_count: true, relax_quotes: true },
      ...{ raw: true, on_record: keep },
    });
  } catch (error) {
    if (!(error instanceof EnoughRows)) throw error;
  }
  return kept;
}

/** Whether a record is as RFC 4180 has it. */
function isStrict(raw: string, delimiter: string): boolean {
  if (!raw.includes('"')) return true;
  try {
    parse(raw, { delimiter, relax_column_count: true });
    return true;
  } catch (error) {
    if (error instanceof CsvError) return false;
    throw error;
  }
}

/**
 * A cell with bare quotation marks as it was meant: one that was put into quotes as it was,
 * `"그는 "네"라고 했다"`, is what stands between; one that only begins with a word in quotes is all of it.
 */
function unquoted(cell: string, delimiter: string, line: number): string {
  const [, alone] = /^\s*"([^"]*)"\s*$/.exec(cell) ?? [];
  if (alone !== undefined) return alone;
  // White space, then a cell in quotes that a separator has cut in two.
  if (/^\s+"[^"]*$/.test(cell)) throw new SwallowedRows(line);
  if (!cell.startsWith('"')) return cell;
  // The parser took it for a quoted cell until a mark stood where none may end one.
  if (/[\r\n]/.test(cell)) throw new SwallowedRows(line);
  const isWrapped = /^"[^"]*[\s([{<‘“「『《.:]"[^\s"].*"$/u.test(cell);
  if (isWrapped && !cell.includes(`${delimiter}"`)) return cell.slice(1, -1);
  if (cell.includes(delimiter)) throw new SwallowedRows(line);
  return cell;
}
