/**
 * An XLSX of one sheet of texts, the first row in bold and in view. All of it is text for Excel too, so
 * that what is typed there stays as it is typed: "3-4" is no date.
 * @param rowsToFill empty ones behind the others that are of text as well
 */
export async function writeSpreadsheet(
  name: string,
  rows: readonly (readonly string[])[],
  rowsToFill: number,
): Promise<Buffer> {
  // Large, and seldom needed.
  const { writeXlsx } = await import("hucre/xlsx");
  const [header = []] = rows;
  const columns = header.map((_, column) => {
    const longest = Math.max(...rows.map((row) => row[column]?.length ?? 0));
    return { width: Math.min(60, Math.max(12, 2 * longest)), style: { numFmt: "@" } };
  });
  const heading = header.map((value, column) => {
    const style = { numFmt: "@", font: { bold: true } };
    return [`0,${column}`, { value, style }] as const;
  });
  const toFill = Array.from({ length: rowsToFill }, () => header.map(() => null));
  const sheet = {
    ...{ name, columns, rows: [...rows.map((row) => [...row]), ...toFill] },
    ...{ cells: new Map(heading), freezePane: { rows: 1 } },
  };
  return Buffer.from(await writeXlsx({ sheets: [sheet] }));
}
