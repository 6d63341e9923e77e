import type { Table } from "./contract.ts";

/** Korean Excel takes a file without it for CP949. */
const byteOrderMark = "\uFEFF";

/*
 * What a spreadsheet would compute, full-width signs included; a plain number with its sign and a
 * dash alone are none.
 */
const formula = /^[\s"']*[=+\-@＝＋－＠]|^[\t\r]/;
const plainNumber = /^\s*[+-]?\s*(\d[\d,. ]*|\.\d+)?\s*%?\s*$/;

/**
 * Tables as CSV (RFC 4180, UTF-8 with a byte order mark): the names of the columns, then the rows.
 * Of several each begins with a line of its number, title and page; an empty line stands between them.
 */
export function csvOf(tables: readonly Table[]): string {
  const blocks = tables.map((table, at) => {
    const { columns, rows, title, page } = table;
    const lines = [columns.map(({ name }) => name), ...rows].map(lineOf);
    const heading = lineOf([String(at + 1), title ?? "", String(page)]);
    return (tables.length > 1 ? [heading, ...lines] : lines).join("");
  });
  return byteOrderMark + blocks.join("\r\n");
}

function lineOf(cells: readonly string[]): string {
  return `${cells.map(cellOf).join(",")}\r\n`;
}

function cellOf(text: string): string {
  const isFormula = formula.test(text) && !plainNumber.test(text);
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}
