import { expect, test } from "vitest";
import type { Table } from "../contract.ts";
import { csvOf } from "./csv.ts";

function tableOf(rows: string[][], more: Partial<Table> = {}): Table {
  const columns = (rows[0] ?? []).map((_, at) => ({ name: `열${at + 1}`, path: [`열${at + 1}`] }));
  return { title: null, columns, rows, page: 1, lastPage: 1, ...more };
}

/** The rows of a CSV without its mark, read as RFC 4180 has it. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n|$)/y;
  while (cell.lastIndex < text.length) {
    const [, raw = "", end] = cell.exec(text) ?? [];
    rows.at(-1)?.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (end === "\r\n") rows.push([]);
  }
  return rows.slice(0, -1);
}

test("one table is its header and its rows, in UTF-8 with the mark that Korean Excel needs", () => {
  const csv = csvOf([tableOf([["서울", "12"]])]);
  expect(csv).toBe("\uFEFF열1,열2\r\n서울,12\r\n");
});

test("commas, quotes, line ends and white space survive", () => {
  const row = ["a,b", 'he said "no"', "two\r\nlines", " spaced ", ""];
  expect(readCsv(csvOf([tableOf([row])]).slice(1))[1]).toEqual(row);
});

test.each(["=1+1", "+cmd|' /C calc'!A0", "-2+3+A1", "@SUM(A1)", "\t=1", " =1", "＝1+1", '"=1"'])(
  "a spreadsheet does not compute %j",
  (text) => {
    expect(readCsv(csvOf([tableOf([[text]])]).slice(1))[1]).toEqual([`'${text}`]);
  },
);

test.each(["-12", "+3.5%", "-1,234.50", "-", "−5", "12", "3 - 2", "- 7"])(
  "%j stays as it is",
  (text) => {
    expect(readCsv(csvOf([tableOf([[text]])]).slice(1))[1]).toEqual([text]);
  },
);

test("of several tables each begins with its number, title and page, after an empty line", () => {
  const tables = [
    tableOf([["1"]], { title: "매출, 2026", page: 2 }),
    tableOf([["2"]], { title: "=HYPERLINK(1)", page: 3 }),
  ];
  expect(csvOf(tables)).toBe(
    `\uFEFF1,"매출, 2026",2\r\n열1\r\n1\r\n\r\n2,'=HYPERLINK(1),3\r\n열1\r\n2\r\n`,
  );
  expect(csvOf([])).toBe("\uFEFF");
});
