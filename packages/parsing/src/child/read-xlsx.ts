import { EncryptedFileError, type Sheet as Read, readXlsx } from "hucre";
import {
  type Sheet,
  type SheetCell,
  type SheetLimits,
  type SheetRow,
  UnreadableSpreadsheet,
} from "../spreadsheet.ts";
import { cellOf } from "./cell-text.ts";

/** @throws UnreadableSpreadsheet */
export async function readXlsxSheets(bytes: Buffer, limits: SheetLimits): Promise<Sheet[]> {
  const { sheets } = await readXlsx(bytes, {
    // The formats, which say how numbers and dates are shown.
    readStyles: true,
    sheets: ({ hidden, veryHidden }) => hidden !== true && veryHidden !== true,
  }).catch((error: unknown) => {
    const problem = error instanceof EncryptedFileError ? "encrypted" : "corrupt";
    throw new UnreadableSpreadsheet(problem, String(error).slice(0, 200));
  });
  let charactersLeft = limits.maxCharacters;
  const read: Sheet[] = [];
  for (const sheet of sheets) {
    const rows = rowsOf(sheet, limits);
    charactersLeft -= rows.reduce((sum, { cells }) => sum + lengthOf(cells), 0);
    if (charactersLeft < 0) throw new UnreadableSpreadsheet("too_large");
    read.push({ name: sheet.name.slice(0, longestName), rows });
  }
  return read;
}

function rowsOf({ rows, cells, merges = [] }: Read, limits: SheetLimits): SheetRow[] {
  const kept = new Map<number, SheetCell[]>();
  for (const [index, values] of rows.entries()) {
    const shown = values
      .slice(0, limits.maxColumns)
      .map((value, column) => cellOf(value, cells?.get(`${index},${column}`)));
    while (shown.length > 0 && isBlank(shown.at(-1))) shown.pop();
    if (shown.length > 0) kept.set(index, shown);
    if (kept.size === limits.maxRows) break;
  }
  for (const { startRow, endRow, startCol } of merges) {
    const value = kept.get(startRow)?.[startCol];
    if (value === undefined || isBlank(value)) continue;
    for (let index = startRow + 1; index <= endRow; index += 1) {
      const row = kept.get(index);
      if (!row || !isBlank(row[startCol] ?? "")) continue;
      while (row.length < startCol) row.push("");
      row[startCol] = value;
    }
  }
  return [...kept].map(([index, shown]) => ({ index, cells: shown }));
}

const isBlank = (cell: SheetCell | undefined) => typeof cell === "string" && cell.trim() === "";

/** Excel takes 31 characters. */
const longestName = 200;

/** What an empty cell takes, too. */
const cellSize = 16;
const lengthOf = (cells: readonly SheetCell[]) =>
  cells.reduce((sum, cell) => sum + cellSize + (typeof cell === "string" ? cell.length : 0), 0);
