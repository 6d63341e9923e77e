import { byteOrderMark, csvLine } from "../../tables/csv-line.ts";
import type { Table } from "../contract.ts";

/**
 * Tables as CSV (RFC 4180, UTF-8 with a byte order mark): the names of the columns, then the rows.
 * Of several each begins with a line of its number, title and page; an empty line stands between them.
 */
export function csvOf(tables: readonly Table[]): string {
  const blocks = tables.map((table, at) => {
    const { columns, rows, title, page } = table;
    const lines = [columns.map(({ name }) => name), ...rows].map(csvLine);
    const heading = csvLine([String(at + 1), title ?? "", String(page)]);
    return (tables.length > 1 ? [heading, ...lines] : lines).join("");
  });
  return byteOrderMark + blocks.join("\r\n");
}
