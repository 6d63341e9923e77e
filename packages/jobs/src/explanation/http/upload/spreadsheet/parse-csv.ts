import { pipeline } from "node:stream/promises";
import { setImmediate } from "node:timers/promises";
import type { Language } from "@ilgam/contracts";
import type { SheetRow } from "@ilgam/parsing";
import { CsvError, type InfoRecord, parse } from "csv-parse";
import { fileProblem } from "../file-problem.ts";
import { maxRows } from "../given-row.ts";
import { columnsOf, isComplete } from "./columns.ts";
import { headerWithin } from "./find-table.ts";
import { cellsOf, type RawRecord, SwallowedRows } from "./quotation-marks.ts";

class EnoughRows extends Error {}

/** A record is more than a sheet of Excel can hold, or than questions need. */
class RecordTooLarge extends Error {
  readonly line: number;
  constructor(line: number) {
    super("a record is too large");
    this.line = line;
  }
}

const largestRecord = { cells: 16_384, characters: 1_000_000 };

/** Parsed in one go, bytes: others are answered in between. */
const chunkSize = 65_536;

/** What Excel writes before the header, and hides, to tell the separator. */
const separatorLine = /^"?sep=([^\w"\r\n])"?[,;\t]*\r?\n/i;

/**
 * The lines of a CSV that hold something, with commas, semicolons or tabs: whichever shows a header of
 * questions. Empty ones before the first count for nothing. Quotation marks may stand bare in a cell.
 * @throws ApiError invalid_field when it is malformed or has too many rows
 */
export async function parseCsv(text: string, language: Language): Promise<SheetRow[]> {
  const told = separatorLine.exec(text);
  const { start, end } = heldIn(text, told?.[0].length ?? 0);
  const body = text.slice(start, end);
  const lineOf = (line: number) => line + (text.slice(0, start).match(/\n/g)?.length ?? 0);
  const separator = told?.[1] ?? (await separatorOf(body));
  try {
    const most = maxRows + headerWithin;
    const lines: SheetRow[] = [];
    await readLines(body, separator, most + 1, lines);
    if (lines.length > most) throw fileProblem("items_too_many", language, { limit: maxRows });
    return lines;
  } catch (error) {
    if (error instanceof RecordTooLarge) {
      throw fileProblem("csv_row_too_large", language, { line: lineOf(error.line) });
    }
    if (error instanceof SwallowedRows) {
      throw fileProblem("csv_malformed", language, { line: lineOf(error.line) });
    }
    if (!(error instanceof CsvError)) throw error;
    const key =
      error.code === "CSV_MAX_RECORD_SIZE" ? "csv_row_too_large" : ("csv_malformed" as const);
    throw fileProblem(key, language, { line: lineOf(Number(error.lines ?? 1)) });
  }
}

/** From where to where lines hold something: of empty ones at both ends a sheet may have a million. */
function heldIn(text: string, from: number): { start: number; end: number } {
  const isBlank = (at: number) => ",;\t \r\n".includes(text.charAt(at));
  let [start, end] = [from, text.length];
  while (start < end && isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  if (start === end) return { start, end };
  const lineEnd = text.indexOf("\n", end);
  return {
    start: Math.max(from, text.lastIndexOf("\n", start) + 1),
    end: lineEnd < 0 ? text.length : lineEnd + 1,
  };
}

/** The one that a header of questions is seen with, else the one that names the most columns. */
async function separatorOf(text: string): Promise<string> {
  let best = { separator: ",", named: 0 };
  for (const separator of [",", ";", "\t"]) {
    const headers = await headersOf(text, separator);
    if (headers.some(isComplete)) return separator;
    const named = Math.max(0, ...headers.map((columns) => columns.filter((field) => field).length));
    if (named > best.named) best = { separator, named };
  }
  return best.separator;
}

async function headersOf(text: string, separator: string) {
  const lines: SheetRow[] = [];
  try {
    await readLines(text, separator, headerWithin, lines);
  } catch (error) {
    const isNoTable = [CsvError, RecordTooLarge, SwallowedRows].some((one) => error instanceof one);
    // With this separator it is none, or only up to here.
    if (!isNoTable) throw error;
  }
  return lines.map(({ cells }) => columnsOf(cells.map(String)));
}

/** Adds at most so many lines that hold something, each with its number from the first one on. */
async function readLines(text: string, delimiter: string, most: number, kept: SheetRow[]) {
  try {
    await parseLines(text, { delimiter }, most, kept);
  } catch (error) {
    const isBareMark = error instanceof CsvError && bareMarks.has(error.code);
    if (!isBareMark) throw error;
    kept.length = 0;
    await parseLines(text, { delimiter, relax_quotes: true, raw: true }, most, kept);
  }
}

const bareMarks = new Set(["CSV_INVALID_CLOSING_QUOTE", "INVALID_OPENING_QUOTE"]);

type Way = { delimiter: string; relax_quotes?: true; raw?: true };

async function parseLines(text: string, way: Way, most: number, kept: SheetRow[]) {
  let index = -1;
  const keep = (given: unknown, { lines }: InfoRecord): null => {
    const cells = way.raw
      ? cellsOf(given as RawRecord, way.delimiter, lines)
      : (given as RawRecord["record"]);
    const isBlank = cells.every((cell) => cell.trim() === "");
    if (!isBlank || kept.length > 0) index += 1;
    if (!isBlank) kept.push({ index, cells });
    if (kept.length >= most) throw new EnoughRows();
    return null;
  };
  const parser = parse({
    ...{ ...way, relax_column_count: true, on_record: keep },
    max_record_size: largestRecord.characters,
    cast: (cell, { index: column, lines }) => {
      if (column >= largestRecord.cells) throw new RecordTooLarge(lines);
      return cell;
    },
  });
  try {
    await pipeline(chunksOf(text), parser);
  } catch (error) {
    if (!(error instanceof EnoughRows)) throw error;
  }
}

async function* chunksOf(text: string): AsyncGenerator<Buffer> {
  // Bytes, since a letter may be two characters, which belong together.
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunkSize) {
    yield bytes.subarray(at, at + chunkSize);
    await setImmediate();
  }
}
