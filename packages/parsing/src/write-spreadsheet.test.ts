import { strFromU8, unzipSync } from "fflate";
import { expect, test } from "vitest";
import { readSpreadsheet } from "./read-spreadsheet.ts";
import { writeSpreadsheet } from "./write-spreadsheet.ts";

const rows = [
  ["문제", "정답"],
  ["=1+1", "3-4"],
];

test("what is written is read as the same texts", async () => {
  const bytes = await writeSpreadsheet("문제", rows, 10);
  expect(await readSpreadsheet(bytes, { maxRows: 100, maxCharacters: 1_000 })).toEqual([
    { name: "문제", rows: rows.map((cells, index) => ({ index, cells })) },
  ]);
});

test("cells to fill in are text, so that Excel makes no date of what is typed there", async () => {
  const file = unzipSync(await writeSpreadsheet("문제", rows, 10));
  const part = (name: string) => strFromU8(file[name] ?? new Uint8Array());
  const styles = part("xl/styles.xml");
  const ids = [...(styles.split("<cellXfs")[1] ?? "").matchAll(/numFmtId="(\d+)"/g)];
  const formatOf = (ref: string) => {
    const cell = new RegExp(`<c r="${ref}"[^>]*`).exec(part("xl/worksheets/sheet1.xml"))?.[0];
    const id = ids[Number(/ s="(\d+)"/.exec(cell ?? "")?.[1])]?.[1];
    return new RegExp(`<numFmt numFmtId="${id}" formatCode="([^"]*)"`).exec(styles)?.[1];
  };
  expect(["A1", "B2", "A3", "B12", "B13"].map(formatOf)).toEqual([
    ...["@", "@", "@", "@", undefined],
  ]);
});
