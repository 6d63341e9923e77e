import { type WorkbookCell, workbook } from "@ilgam/parsing/fixtures";
import iconv from "iconv-lite";
import { expect, test } from "vitest";
import { checkRows } from "../check-rows.ts";
import { readFile } from "./read-file.ts";

const options = { sheet: undefined, maxCharacters: 1_000_000 };

/** The questions of a file, without what nobody gave. */
async function questionsIn(file: Buffer | string) {
  const { rows } = await readFile(Buffer.from(file as string), options, "ko");
  return checkRows(rows, "ko");
}

const header = "문제,선택지1,선택지2,선택지3,정답,해설";
const line = "수도는?,부산,서울,대구,서울,교사의 해설";
const asked = {
  ...{ questionText: "수도는?", options: ["부산", "서울", "대구"], correctAnswer: "서울" },
  explanation: "교사의 해설",
};
const table = `${header}\r\n${line}\r\n`;
const tabbed = table.replaceAll(",", "\t");
const bigEndian = (text: string) => Buffer.from(text, "utf16le").swap16();

test.each<[string, Buffer | string]>([
  ["commas", table],
  ["semicolons", table.replaceAll(",", ";")],
  ["tabs", tabbed],
  ["Excel's own line for the separator", `sep=;\r\n${table.replaceAll(",", ";")}`],
  ["that line for another separator, after a BOM", `\uFEFFsep=|\n${table.replaceAll(",", "|")}`],
  ["that line in quotes, for tabs", `"sep=\t"\r\n${tabbed}`],
  ["CP949 and semicolons", iconv.encode(table.replaceAll(",", ";"), "cp949")],
  [
    "Excel's Unicode text: UTF-16 with its mark and tabs",
    Buffer.from(`\uFEFF${tabbed}`, "utf16le"),
  ],
  ["UTF-16 without a mark", Buffer.from(tabbed, "utf16le")],
  ["UTF-16, the other byte order", bigEndian(`\uFEFF${table}`)],
  ["UTF-16, the other byte order, without a mark", bigEndian(table)],
  ["a title and an empty line above the header", `2학기 중간고사,,,\n\n${table}`],
  [
    "semicolons around commas and full of them",
    `${header.replaceAll(",", ";")}\n${line.replaceAll(",", ";")};`,
  ],
])("a table with %s is read as what it says", async (_, file) => {
  expect(await questionsIn(file)).toMatchObject([{ row: 1, ...asked }]);
});

const english = "Question\tOption 1\tOption 2\tAnswer\r\n1+1?\t1\t2\tB\r\n";

test.each([
  ["little-endian", Buffer.from(english, "utf16le")],
  ["big-endian", bigEndian(english)],
])("UTF-16 without a mark and without a Korean letter is told to be %s", async (_, file) => {
  const found = { questionText: "1+1?", options: ["1", "2"], correctAnswer: "2" };
  expect(await questionsIn(file)).toMatchObject([found]);
});

test("a cell that looks like a header with another separator changes nothing", async () => {
  const own = "questionText,option1,option2,correctAnswer";
  const cell = "문제;정답;해설;보기1;보기2;보기3";
  expect(await questionsIn(`${own}\n${cell},가,나,나\n`)).toMatchObject([
    { questionText: cell, options: ["가", "나"] },
  ]);
});

test("a column may have any name, and letters of two characters stay whole wherever they stand", async () => {
  const text = "😀".repeat(5_000);
  const rows = Array.from({ length: 20 }, (_, at) => `${"-".repeat(at)},${text},가,나,나`);
  const questions = await questionsIn(`constructor,문제,①,②,정답,constructor\n${rows.join("\n")}`);
  expect(questions.map(({ questionText }) => questionText)).toEqual(rows.map(() => text));
});

test("a comma stays in its cell where semicolons or tabs separate", async () => {
  const file = "문제;선택지1;선택지2;정답\n하나, 둘;가, 나;다;가, 나\n";
  const found = { questionText: "하나, 둘", options: ["가, 나", "다"], correctAnswer: "가, 나" };
  expect(await questionsIn(file)).toMatchObject([found]);
  expect(await questionsIn(file.replaceAll(";", "\t"))).toMatchObject([found]);
});

test.each([
  ["문제", "선택지1", "선택지2", "선택지3", "정답", "해설"],
  ["문항", "보기1", "보기2", "보기3", "답", "풀이"],
  ["질문", "①", "②", "③", "정답 번호", "설명"],
  ["발문", "선지 1", "선지 2", "선지 3", "답안", "정답 해설"],
  ["문제 내용", "선택지 ①", "선택지 ②", "선택지 ③", "정답(번호)", "해설(선택)"],
  ["문항 내용*", "1번", "2번", "3번", "정답:", "풀이 과정"],
  ["물음", "보기(1)", "보기(2)", "보기(3)", "정답", "문제 해설"],
  ["질문 내용", "1번 선택지", "2번 선택지", "3번 선택지", "정답", "해설"],
  ["Question", "Option 1", "Option 2", "Option 3", "Answer", "Explanation"],
  ["QUESTION_TEXT", "option_1", "option_2", "option_3", "correct_answer", "explanation"],
  ["question", "choice1", "choice2", "choice3", "correct answer", "explanation"],
  ["문제", "1", "2", "3", "정답", "해설"],
  ["문제", "１", "２", "３", "정답", "해설"],
])("the header %s, %s, %s, %s, %s, %s is understood", async (...names) => {
  // What nobody asked for stands around it.
  const file = `번호,${names.join(",")},난이도\n7,${line},상\n`;
  expect(await questionsIn(file)).toMatchObject([asked]);
});

test.each([
  ...["2", "2번", " 2 ", "(2)", "2)", "2.", "②", "② ", "⑵", "❷", "２", "B", "b", "(b)", "보기2"],
  ...["선택지 2", "②번", "② 서울", "②서울", "2. 서울", "2) 서울", "(2) 서울"],
])("the answer %j means the second option", async (answer) => {
  const [question] = await questionsIn(table.replace("대구,서울", `대구,${answer}`));
  expect(question?.correctAnswer).toBe("서울");
});

test("an option whose own text is a number, a letter or a mark is that option", async () => {
  const file =
    "문제,선택지1,선택지2,선택지3,정답\n1+1은?,2,1,3,2\n처음은?,B,A,C,A\n부호는?,②,①,③,①\n";
  const answers = (await questionsIn(file)).map(({ correctAnswer }) => correctAnswer);
  expect(answers).toEqual(["2", "A", "①"]);
});

test.each(["4", "0", "22", "①②", "①, ②", "F", "D", "② 부산", "2 부산", "없음", "2.0", "-1"])(
  "the answer %j among three options is refused, with what to write",
  async (answer) => {
    const file = table.replace("대구,서울", `대구,"${answer}"`);
    await expect(questionsIn(file)).rejects.toMatchObject({
      code: "invalid_rows",
      rows: [
        {
          ...{ row: 1, field: "correctAnswer" },
          problem:
            "정답이 선택지 가운데 없습니다. 선택지의 내용을 그대로 쓰거나 그 번호(2 또는 ②)를 쓰세요.",
        },
      ],
    });
  },
);

test.each([
  ['그는 "네"라고 했다', '그는 "네"라고 했다'],
  ['키가 6" 이상', '키가 6" 이상'],
  ['"네"라고 한 사람은?', '"네"라고 한 사람은?'],
  ['"가"와 "나"', '"가"와 "나"'],
  ['"그는 "네"라고 했다"', '그는 "네"라고 했다'],
  ['"그는, "네"라고 했다"', '그는, "네"라고 했다'],
  ['"수도는?" ', "수도는?"],
  [' "수도는?"', "수도는?"],
  ['"""네"" 또는 ""아니오"""', '"네" 또는 "아니오"'],
])("the cell %s is read as %s", async (cell, text) => {
  const [question] = await questionsIn(table.replace("수도는?", cell));
  expect(question).toMatchObject({ ...asked, questionText: text });
});

test.each([
  ["swallows the next row", `${header}\n"열린 말,가,나,다,가,\n"다음",가,나,다,가,\n`],
  ["swallows the rest", `${header}\n"열린 말,가,나,다,가,\n다음,가,나,다,가,\n`],
  ["swallows the next cell", `${header}\n"열린 말,"가",나,다,라,가,\n`],
  [
    "swallows the next cell between tabs",
    `${header}\n"열린 말,"가",나,다,라,가,\n`.replaceAll(",", "\t"),
  ],
  ["swallows rows before white space", `${header}\n"열린 말,가,나,다,가,\n" ,가,나,다,가,\n`],
  ["is cut by a comma", `${header}\n "하나, 둘",가,나,다,가,\n`],
])("a quotation mark that %s is refused, not guessed", async (_, file) => {
  await expect(questionsIn(file)).rejects.toMatchObject({
    details: [{ problem: expect.stringMatching(/번째 줄에서 CSV 형식이 깨져/) }],
  });
});

test("a header in the API's own names is read as it always was, whatever stands beside it", async () => {
  const own = "questionText,option1,option2,correctAnswer";
  const [question] = await questionsIn(`${own},해설,문제,보기3\n물음,가,나,나,비고,다른 물음,다\n`);
  expect(question).toEqual({
    ...{ row: 1, id: undefined, questionText: "물음", options: ["가", "나"] },
    ...{ correctAnswer: "나", explanation: undefined },
  });
});

test("a name that stands twice, or is missing, is told in the teacher's words and in the API's", async () => {
  const problem = (text: string) => ({ details: [{ path: "file", problem: text }] });
  await expect(questionsIn(`${header},답\n${line},`)).rejects.toMatchObject(
    problem("머리글에 정답(correctAnswer)이(가) 두 번 있습니다."),
  );
  await expect(questionsIn("번호;문제;①\n1;수도는?;부산")).rejects.toMatchObject(
    problem("머리글에 다음 이름이 없습니다: 선택지2(option2), 정답(correctAnswer)"),
  );
});

const sheetHeader = ["번호", ...header.split(",")];
const sheetOf = (name: string, ...rows: WorkbookCell[][]) => ({
  name,
  rows: [sheetHeader, ...rows],
});

test("an XLSX is read by the sheet that has the columns, with numbers as Excel shows them", async () => {
  const file = workbook([
    { name: "안내", rows: [["작성 방법"], ["아래와 같이 쓰세요."]] },
    { name: "지난해", state: "hidden", rows: sheetOf("", [1, ...line.split(",")]).rows },
    sheetOf(
      "문제",
      [1, ...line.split(",")],
      [2, "반은?", { number: 0.5, format: "percent" }, 0.25, 2, 1],
      [3, { runs: ["굵은 ", "물음"] }, true, false, "", "②", ""],
      [],
      [4, "값은?", { formula: "1+1", value: "2" }, 3, "", { formula: "C6", value: "2" }],
    ),
    { name: "빈 양식", rows: [sheetHeader] },
  ]);
  expect(await questionsIn(file)).toMatchObject([
    { row: 1, ...asked },
    { row: 2, questionText: "반은?", options: ["50%", "0.25", "2"], correctAnswer: "50%" },
    { row: 3, questionText: "굵은 물음", options: ["TRUE", "FALSE"], correctAnswer: "FALSE" },
    { row: 5, options: ["2", "3"], correctAnswer: "2", explanation: undefined },
  ]);
});

test("of several sheets with questions the one is read that is named, and none without a name", async () => {
  const file = workbook([
    sheetOf("1반", [1, ...line.split(",")]),
    sheetOf("2반", [1, "다른 물음", ...line.split(",").slice(1)]),
  ]);
  const problem = (text: string) => ({ details: [{ path: "file", problem: text }] });
  const read = (sheet?: string) => readFile(file, { ...options, sheet }, "ko");
  await expect(read()).rejects.toMatchObject(
    problem(
      "문제가 있는 시트가 여럿입니다('1반', '2반'). 하나만 남기거나 sheet 항목에 시트 이름을 써 주세요.",
    ),
  );
  expect((await read("2반")).rows).toMatchObject([{ values: { questionText: "다른 물음" } }]);
  await expect(read("3반")).rejects.toMatchObject(
    problem("'3반' 시트가 없습니다. 있는 시트: '1반', '2반'"),
  );
});

test("a formula without a value or in error is told where it matters, and only there", async () => {
  const failed = { formula: "1/0", value: "#DIV/0!", type: "e" } as const;
  const file = workbook([
    sheetOf(
      "문제",
      [{ formula: "ROW()" }, ...line.split(",")],
      [2, failed, "가", "나", "", { formula: "C3" }, ""],
    ),
  ]);
  await expect(questionsIn(file)).rejects.toMatchObject({
    rows: [
      { row: 2, field: "questionText", problem: "수식의 값이 오류(#DIV/0!)입니다." },
      { row: 2, field: "correctAnswer", problem: expect.stringMatching(/저장되어 있지 않습니다/) },
    ],
  });
});

test("1,000 rows of an XLSX are read and 1,001 are refused", async () => {
  const rows = Array.from({ length: 1_001 }, (_, at) => [at + 1, `물음 ${at}`, "가", "나", "", 2]);
  expect(await questionsIn(workbook([sheetOf("문제", ...rows.slice(1))]))).toHaveLength(1_000);
  await expect(questionsIn(workbook([sheetOf("문제", ...rows)]))).rejects.toMatchObject({
    details: [{ problem: "최대 1000개까지 보낼 수 있습니다." }],
  });
});

const compound = (name: string) =>
  Buffer.concat([
    Buffer.from("d0cf11e0a1b11ae1", "hex"),
    Buffer.alloc(504),
    Buffer.from(name, "utf16le"),
  ]);
const ods = Buffer.from("PK\u0003\u0004".padEnd(30, "\u0000"), "latin1");

test.each<[string, Buffer | string, RegExp]>([
  [".xls", compound("Workbook"), /^\.xls 파일은 읽지 않습니다.*\(\.xlsx\)/],
  ["an encrypted XLSX", compound("EncryptedPackage"), /암호/],
  ["an HWP", compound("HwpSummaryInformation"), /CSV도 XLSX도 아닙/],
  [
    ".ods",
    Buffer.concat([ods, Buffer.from("mimetypeapplication/vnd.oasis.opendocument.spreadsheetPK")]),
    /^\.ods 파일은 읽지 않습니다/,
  ],
  [".xlsb", workbook([], { "xl/workbook.bin": Buffer.from("b") }), /^\.xlsb 파일은 읽지 않습니다/],
  ["HTML under the name of .xls", "\uFEFF<html><table>문제,정답", /^\.xls\(HTML\/XML\) 파일은/],
  ["half an XLSX", workbook([sheetOf("문제")]).subarray(0, 300), /XLSX로 읽을 수 없는/],
  ["an XLSX without a row", workbook([sheetOf("문제")]), /파일에 문제가 없습니다/],
  ["an XLSX without a sheet", workbook([]), /파일에 문제가 없습니다|XLSX로 읽을 수 없는/],
  ["an XLSX without a header", workbook([{ name: "표", rows: [["가"], ["나"]] }]), /머리글에/],
])("%s is refused with what to do about it", async (_, file, sentence) => {
  await expect(questionsIn(file)).rejects.toMatchObject({
    ...{ code: "invalid_field" },
    details: [{ path: "file", problem: expect.stringMatching(sentence) }],
  });
});

test("more text than a file may have is refused, however well it is packed", async () => {
  const file = workbook([sheetOf("문제", [1, "가".repeat(1_000_001), "가", "나", "", 1])]);
  expect(file.length).toBeLessThan(10_000);
  await expect(questionsIn(file)).rejects.toMatchObject({
    details: [
      { problem: "XLSX의 글이 너무 많습니다. 최대 1000000자입니다. 파일을 나누어 주세요." },
    ],
  });
});
