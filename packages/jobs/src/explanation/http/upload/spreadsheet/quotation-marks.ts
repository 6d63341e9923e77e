import { CsvError, parse } from "csv-parse/sync";

/** A bare quotation mark swallows what follows: the mark that was to close a cell is missing. */
export class SwallowedRows extends Error {
  readonly line: number;
  constructor(line: number) {
    super("a cell in quotes has no end");
    this.line = line;
  }
}

/** A record that was read as far as it could be, and its text. */
export type RawRecord = { record: string[]; raw: string };

/**
 * The cells of a record in which quotation marks may stand bare.
 * @throws SwallowedRows where a part of another cell or row may be in one
 */
export function cellsOf({ record, raw }: RawRecord, delimiter: string, line: number): string[] {
  if (isStrict(raw, delimiter)) return record;
  return record.map((cell) => unquoted(cell, delimiter, line));
}

/** Whether a record is as RFC 4180 has it, so that its cells are what was read of them. */
function isStrict(raw: string, delimiter: string): boolean {
  if (!raw.includes('"')) return true;
  try {
    parse(raw.replace(/[\r\n]+$/, ""), { delimiter, relax_column_count: true });
    return true;
  } catch (error) {
    if (error instanceof CsvError) return false;
    throw error;
  }
}

/**
 * A cell of a record with bare quotation marks, as it was meant: one that was put into quotes as it
 * was, `"그는 "네"라고 했다"`, is what stands between; one that only begins with a word in quotes is all
 * of it.
 */
function unquoted(cell: string, delimiter: string, line: number): string {
  // The parser took it for a quoted cell until a mark stood where none may end one.
  if (/^\s*"/.test(cell) && /[\r\n]/.test(cell)) throw new SwallowedRows(line);
  const [, alone] = /^\s*"([^"]*)"\s*$/.exec(cell) ?? [];
  if (alone !== undefined) return alone;
  // White space, then a cell in quotes that a separator has cut in two.
  if (/^\s+"[^"]*$/.test(cell)) throw new SwallowedRows(line);
  if (!cell.startsWith('"')) return cell;
  const isWrapped = /^"[^"]*[\s([{<‘“「『《.:]"[^\s"].*"$/u.test(cell);
  if (isWrapped && !cell.includes(`${delimiter}"`)) return cell.slice(1, -1);
  if (cell.includes(delimiter)) throw new SwallowedRows(line);
  return cell;
}
