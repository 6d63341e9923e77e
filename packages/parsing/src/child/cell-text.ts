import { type Cell, type CellValue, formatValue } from "hucre";
import type { SheetCell } from "../spreadsheet.ts";

/** What Excel shows of a cell, and writes into a CSV. */
export function cellOf(value: CellValue, cell: Cell | undefined): SheetCell {
  if (cell?.type === "error") return { error: String(value) };
  if (value === null) return cell?.formula === undefined ? "" : { error: "" };
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  const format = formatOf(cell);
  if (value instanceof Date) return formatValue(value, format ?? dateFormat(value));
  return format === undefined ? plain(value) : formatValue(value, format);
}

/** A cell's own format, or undefined for the general one. */
function formatOf(cell: Cell | undefined): string | undefined {
  const format = cell?.style?.numFmt;
  if (format === undefined || /^(general|@)$/i.test(format)) return undefined;
  // Numbers 14 and 22 of the standard ones are the machine's own, in Korea this way.
  if (/^m\/d\/yy(yy)?( h:mm)?$/.test(format)) {
    return format.endsWith(" h:mm") ? "yyyy-mm-dd h:mm" : "yyyy-mm-dd";
  }
  // A currency: the library shows only what stands in quotes.
  return format.replaceAll(/\[\$([^\]"-]+)(-[^\]]*)?\]/g, '"$1"');
}

function dateFormat(date: Date): string {
  return date.getTime() % 86_400_000 === 0 ? "yyyy-mm-dd" : "yyyy-mm-dd h:mm:ss";
}

/** Excel computes with 15 digits: 0.1 + 0.2 is 0.3. */
function plain(value: number): string {
  return String(Number(value.toPrecision(15)));
}
