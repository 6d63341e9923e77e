import { expect, test } from "vitest";
import { type WorkbookCell, workbook } from "./fixtures/index.ts";
import { readSpreadsheet } from "./read-spreadsheet.ts";

const room = { maxRows: 1_000, maxCharacters: 1_000_000 };
const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

/** What is read of one row. */
async function shown(...cells: WorkbookCell[]) {
  const [sheet] = await readSpreadsheet(workbook([{ name: "문제", rows: [cells] }]), room);
  return sheet?.rows[0]?.cells;
}

/** A workbook whose one sheet is this XML, which may be of any size: it packs well. */
function hostile(xml: Buffer) {
  return workbook([{ name: "문제", rows: [["가"]] }], { "xl/worksheets/sheet1.xml": xml });
}

test("texts come as they stand: rich ones whole, with their line breaks, signs and spaces", async () => {
  expect(
    await shown("줄\n바꿈", { runs: ["굵은 ", "글씨", " 끝"] }, 'a<b & "c"', " 앞", "=1+2"),
  ).toEqual([...["줄\n바꿈", "굵은 글씨 끝", 'a<b & "c"', " 앞", "=1+2"]]);
});

test("numbers, dates and truth values come as Excel shows them", async () => {
  const cells = [
    ...[2, 2.5, 0.1 + 0.2, -3, 1_234_567, true, false],
    ...([
      { number: 0.5, format: "percent" },
      { number: 1234.4, format: "thousands" },
    ] as const),
    ...([
      { number: 45_720, format: "date" },
      { number: 45_720, format: "koreanDate" },
    ] as const),
    ...([
      { number: 0.5625, format: "time" },
      { number: 1_200, format: "won" },
    ] as const),
    { number: 7, format: "text" } as const,
  ];
  expect(await shown(...cells)).toEqual([
    ...["2", "2.5", "0.3", "-3", "1234567", "TRUE", "FALSE"],
    ...["50%", "1,234", "2025-03-04", "3월 4일", "13:30", "₩1,200", "7"],
  ]);
});

test("a formula is its stored value, and told when that is an error or was never stored", async () => {
  expect(
    await shown(
      { formula: 'B1&"번"', value: "2번", type: "str" },
      { formula: "1+2", value: "3" },
      { formula: '""', value: "", type: "str" },
      { formula: "1/0", value: "#DIV/0!", type: "e" },
      { formula: "B2" },
    ),
  ).toEqual(["2번", "3", "", { error: "#DIV/0!" }, { error: "" }]);
});

test("hidden sheets are left out, and rows keep their places among empty ones", async () => {
  const sheets = await readSpreadsheet(
    workbook([
      { name: "작년", state: "hidden", rows: [["숨긴 것"]] },
      { name: "설정", state: "veryHidden", rows: [["더 숨긴 것"]] },
      { name: "문제", rows: [[], ["머리글"], [" "], [undefined, "값", undefined, ""]] },
      { name: "빈 시트", rows: [] },
    ]),
    room,
  );
  expect(sheets).toEqual([
    {
      name: "문제",
      rows: [
        { index: 1, cells: ["머리글"] },
        { index: 3, cells: ["", "값"] },
      ],
    },
    { name: "빈 시트", rows: [] },
  ]);
});

test("a cell merged over rows counts for those that hold something, over columns for its first", async () => {
  const rows = [
    ["하나", "같은 해설"],
    ["둘"],
    ["셋", "제 해설"],
    ["키가 큰 행", "옆으로", undefined],
    [],
  ];
  const merges = ["B1:B3", "A4:A5", "B4:C4"];
  const [sheet] = await readSpreadsheet(workbook([{ name: "문제", rows, merges }]), room);
  expect(sheet?.rows).toEqual([
    { index: 0, cells: ["하나", "같은 해설"] },
    { index: 1, cells: ["둘", "같은 해설"] },
    { index: 2, cells: ["셋", "제 해설"] },
    { index: 3, cells: ["키가 큰 행", "옆으로"] },
  ]);
});

test("no more is read than was asked for, and too much text is told", async () => {
  const bytes = workbook([{ name: "문제", rows: [["가", "나"], [], ["다"], ["라"]] }]);
  const [sheet] = await readSpreadsheet(bytes, { ...room, maxRows: 2, maxColumns: 1 });
  expect(sheet?.rows).toEqual([
    { index: 0, cells: ["가"] },
    { index: 2, cells: ["다"] },
  ]);
  await expect(readSpreadsheet(bytes, { ...room, maxCharacters: 67 })).rejects.toMatchObject({
    ...{ name: "UnreadableSpreadsheet", problem: "too_large" },
  });
});

test.each([
  ["no archive", Buffer.from("문제,정답")],
  ["nothing", Buffer.alloc(0)],
  ["half of one", workbook([{ name: "문제", rows: [["가"]] }]).subarray(0, 400)],
  ["broken XML", hostile(Buffer.from(`<worksheet xmlns="${main}"><sheetData><row r="1"><c r="A`))],
  ["a cell beyond the last column", hostile(cellAt("ZZZZ1"))],
  ["a row beyond the last", hostile(cellAt("A99999999"))],
  ["a sheet with two far corners", hostile(cellAt("XFD1048576"))],
] as const)("%s is told to be corrupt", async (_, bytes) => {
  await expect(readSpreadsheet(bytes, room)).rejects.toMatchObject({ problem: "corrupt" });
});

function cellAt(ref: string) {
  const row = /\d+/.exec(ref)?.[0];
  return Buffer.from(
    `<worksheet xmlns="${main}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="${row}"><c r="${ref}"><v>1</v></c></row></sheetData></worksheet>`,
  );
}

test("a bomb brings down the process that reads it, and nothing else", async () => {
  const bytes = hostile(Buffer.alloc(400_000_000, " "));
  expect(bytes.length).toBeLessThan(1_000_000);
  const before = process.memoryUsage().rss;
  await expect(readSpreadsheet(bytes, room)).rejects.toMatchObject({ problem: "out_of_memory" });
  expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
}, 60_000);

test("a sheet that takes too long is given up", async () => {
  const rows = Array.from({ length: 50_000 }, (_, at) => [`문제 ${at}`, "가", "나", "다"]);
  const reading = readSpreadsheet(workbook([{ name: "문제", rows }]), { ...room, timeoutMs: 1 });
  await expect(reading).rejects.toMatchObject({ problem: "out_of_time" });
}, 60_000);
