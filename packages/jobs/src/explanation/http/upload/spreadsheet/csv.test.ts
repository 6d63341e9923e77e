import { ApiError } from "@ilgam/contracts";
import iconv from "iconv-lite";
import { expect, test } from "vitest";
import { readFile } from "./read-file.ts";

const header = "questionText,option1,option2,correctAnswer,explanation";
const readBytes = async (bytes: Buffer) =>
  (await readFile(bytes, { sheet: undefined, maxCharacters: 10_000_000 }, "ko")).rows;
const read = (text: string) => readBytes(Buffer.from(text));

async function problemOf(bytes: Buffer | string): Promise<string | undefined> {
  try {
    await readBytes(Buffer.from(bytes as string));
  } catch (error) {
    if (error instanceof ApiError) return error.details?.[0]?.problem;
    throw error;
  }
  return undefined;
}

test("UTF-8 with and without BOM, and CP949 with letters beyond EUC-KR, read the same", async () => {
  const text = `${header}\r\n뷁의 뜻은?,펲,똠방각하,펲,\r\n`;
  const plain = await read(text);
  expect(plain[0]?.values).toMatchObject({ questionText: "뷁의 뜻은?", correctAnswer: "펲" });
  expect(await read(`\uFEFF${text}`)).toEqual(plain);
  expect(await readBytes(iconv.encode(text, "cp949"))).toEqual(plain);
});

test("a quoted cell keeps its line breaks, commas and doubled quotes", async () => {
  const [row] = await read(`${header}\n"첫 줄\n둘째, ""줄""",가,나,나,\n`);
  expect(row).toMatchObject({ row: 1, values: { questionText: '첫 줄\n둘째, "줄"' } });
});

test("a quoted cell may end a line as Windows ends it, before empty ones and at the end", async () => {
  const rows = await read(`${header}\r\n물음,가,나,나,"첫\r\n줄"\r\n둘,가,나,나,"끝"\r\n,,,,\r\n`);
  expect(rows.map(({ values }) => values)).toMatchObject([
    { explanation: "첫\r\n줄" },
    { explanation: "끝" },
  ]);
});

test("a row's number counts the rows below the header, empty ones included", async () => {
  const rows = await read(
    `\n${header}\n하나,가,나,나,\n\n,,,,\n"넷\n넷",가,나,나,\n여섯,가,나,나,`,
  );
  expect(rows.map(({ row }) => row)).toEqual([1, 4, 5]);
});

test("columns may stand in any order and case, and others are not read", async () => {
  const [row] = await read("비고,CORRECTANSWER, option2 ,option1,questiontext\n메모,나,나,가,물음");
  const values = { correctAnswer: "나", option2: "나", option1: "가", questionText: "물음" };
  expect(row).toMatchObject({ row: 1, hasTooMany: false });
  expect(row?.values).toEqual(values);
});

test("a row with more cells than the header is told, but not for empty ones", async () => {
  const rows = await read(`${header}\n쉼표, 쉼표,가,나,나,,\n하나,가,나,나,,,,`);
  expect(rows.map(({ hasTooMany }) => hasTooMany)).toEqual([false, false]);
  const [shifted] = await read(`${header}\n쉼표, 쉼표,가,나,나,해설`);
  expect(shifted?.hasTooMany).toBe(true);
});

test("what is no CSV of questions is refused with a sentence that says what to do", async () => {
  expect(await problemOf("")).toMatch(/파일에 문제가 없습니다/);
  expect(await problemOf(`${header}\n\n,,,\n`)).toMatch(/파일에 문제가 없습니다/);
  expect(await problemOf(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0]))).toMatch(
    /CSV도 XLSX도 아닙/,
  );
  for (const hex of ["89504e470d0a1a0a0000000d", "89504e47ff00", "ff00", "fffe00d8"]) {
    expect(await problemOf(Buffer.from(hex, "hex")), hex).toMatch(/CSV도 XLSX도 아닙/);
  }
  expect(await problemOf(Buffer.from([0xff, 0xff, 0x41, 0x80]))).toMatch(/인코딩/);
  expect(await problemOf(`${header}\n"열린 따옴표,가,나,나,\n`)).toMatch(/줄에서 CSV 형식/);
  expect(await problemOf(`\n,,\n${header}\n가"나,가,나,나,\n"열린 말`)).toMatch(/^5번째 줄/);
  expect(await problemOf("문제,보기1\n물음,가")).toBe(
    "머리글에 다음 이름이 없습니다: 선택지2(option2), 정답(correctAnswer)",
  );
  expect(await problemOf(`${header},option1\n물음,가,나,나,,다`)).toMatch(
    /선택지1\(option1\)이\(가\) 두 번/,
  );
});

test("a row larger than any sheet's is refused before it is read", async () => {
  const wide = `${header}\n물음,가,나,나,${",".repeat(20_000)}끝`;
  expect(await problemOf(wide)).toMatch(/2번째 줄의 행이 너무 깁니다/);
  const long = `${header}\n"${"가".repeat(1_100_000)}",가,나,나,`;
  expect(await problemOf(long)).toMatch(/2번째 줄의 행이 너무 깁니다/);
});

test("while a large text is parsed others get their turn", async () => {
  let turns = 0;
  const count = () => {
    turns += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  await read(`${header}\n${`${"물음".repeat(500)},가,나,나,\n`.repeat(500)}`);
  clearImmediate(next);
  expect(turns).toBeGreaterThan(10);
});

test("1,000 rows are read, 1,001 are refused, and trailing empty lines count for nothing", async () => {
  const rows = (count: number) => `${header}\n${"물음,가,나,나,\n".repeat(count)}`;
  expect(await read(`${rows(1_000)}${",,,,\n".repeat(2_000)}`)).toHaveLength(1_000);
  expect(await problemOf(rows(1_001))).toBe("최대 1000개까지 보낼 수 있습니다.");
});
