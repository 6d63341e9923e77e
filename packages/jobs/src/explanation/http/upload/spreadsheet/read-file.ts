import type { Language } from "@ilgam/contracts";
import type { GivenRows } from "../given-row.ts";
import { decodeCsv } from "./decode-csv.ts";
import { formatOf } from "./file-format.ts";
import { findTable, rowsOfTable } from "./find-table.ts";
import { parseCsv } from "./parse-csv.ts";
import { readSheets, type SheetsOptions } from "./read-sheets.ts";

/**
 * The rows of a CSV or an XLSX, which is detected from its content.
 * @throws ApiError invalid_field, overloaded
 */
export async function readFile(
  bytes: Buffer,
  options: SheetsOptions,
  language: Language,
): Promise<GivenRows> {
  if (formatOf(bytes, language) === "xlsx") return readSheets(bytes, options, language);
  const lines = await parseCsv(decodeCsv(bytes, language), language);
  return rowsOfTable(findTable(lines), true, language);
}
