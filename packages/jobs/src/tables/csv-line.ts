/** Korean Excel takes a file without it for CP949. */
export const byteOrderMark = "\uFEFF";

/*
 * What a spreadsheet would compute, full-width signs included; a plain number with its sign and a
 * dash alone are none.
 */
const formula = /^[\s"']*[=+\-@＝＋－＠]|^[\t\r]/;
const plainNumber = /^\s*[+-]?\s*(\d[\d,. ]*|\.\d+)?\s*%?\s*$/;
const isFormula = (text: string) => formula.test(text) && !plainNumber.test(text);

/** A line of RFC 4180; a cell that a spreadsheet would compute gets a `'` before it. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(cellOf).join(",")}\r\n`;
}

function cellOf(text: string): string {
  const safe = isFormula(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The text that `csvLine` was given for a cell. */
export function withoutGuard(cell: string): string {
  return cell.startsWith("'") && isFormula(cell.slice(1)) ? cell.slice(1) : cell;
}
