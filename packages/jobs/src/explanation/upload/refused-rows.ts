import type { Language, RowProblem } from "@ilgam/contracts";
import { byteOrderMark, csvLine } from "../../csv-line.ts";
import { fieldLabel, remarkColumns, remarkNames } from "./columns.ts";
import { type GivenRow, type GivenRows, rowFields } from "./given-row.ts";

/**
 * The rows that were refused as CSV for Excel: their cells as they came, then the number of the row in
 * the upload and what is wrong with it. Corrected, it can be uploaded as it is.
 */
export function refusedRowsCsv(
  { header, rows }: GivenRows,
  problems: readonly RowProblem[],
  language: Language,
): string {
  const reasons = new Map<number, string[]>();
  for (const { row, field, problem } of problems) {
    const reason = field === "" ? problem : `${fieldLabel(field, language)}: ${problem}`;
    reasons.set(row, [...(reasons.get(row) ?? []), reason]);
  }
  const refused = rows.filter(({ row }) => reasons.has(row));
  const earlier = remarkColumns(header);
  const own = (cells: readonly string[]) => cells.filter((_, column) => !earlier.includes(column));
  const lines = refused.map((given) => ({ row: given.row, cells: own(cellsOf(given)) }));
  const width = Math.max(own(header).length, ...lines.map(({ cells }) => cells.length));
  const padded = (cells: readonly string[]) =>
    Array.from({ length: width }, (_, column) => cells[column] ?? "");
  return [
    byteOrderMark,
    csvLine([...padded(own(header)), ...remarkNames(language)]),
    ...lines.map(({ row, cells }) =>
      csvLine([...padded(cells), String(row), reasons.get(row)?.join(" / ") ?? ""]),
    ),
  ].join("");
}

function cellsOf({ cells, values }: GivenRow): readonly string[] {
  if (cells) return cells;
  const given = typeof values === "object" && values !== null ? values : {};
  return rowFields.map((field) => {
    const value: unknown = Object.entries(given).find(([name]) => name === field)?.[1];
    return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  });
}
