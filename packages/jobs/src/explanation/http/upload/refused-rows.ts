import type { Language, RowProblem } from "@ilgam/contracts";
import { byteOrderMark, csvLine } from "../../../tables/csv-line.ts";
import { type GivenRow, type GivenRows, rowFields } from "./given-row.ts";
import { fieldLabel, remarkColumns, remarkNames } from "./spreadsheet/columns.ts";

/**
 * The rows that were refused as CSV for Excel: the number of each in the upload, what is wrong with it,
 * and its cells as they came. Corrected, it can be uploaded as it is.
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
  const earlier = remarkColumns(header);
  const own = (cells: readonly string[]) => cells.filter((_, column) => !earlier.includes(column));
  const refused = rows.filter(({ row }) => reasons.has(row));
  return [
    byteOrderMark,
    csvLine([...remarkNames(language), ...own(header)]),
    ...refused.map((given) => {
      const reason = reasons.get(given.row)?.join(" / ") ?? "";
      return csvLine([String(given.row), reason, ...own(cellsOf(given))]);
    }),
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
