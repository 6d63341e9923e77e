import { workbook } from "@ilgam/parsing/fixtures";
import { parse } from "csv-parse/sync";
import { beforeAll, expect, test } from "vitest";
import {
  newSet,
  questionsOf,
  type Refused,
  row,
  type Stand,
  startStand,
  upload,
  uploadFile,
} from "../../fixtures/stand.ts";

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
}, 60_000);

/** A form with this file, sent so that what is refused comes back as one. */
async function uploadForFile(setId: string, body: FormData | string, lang = "ko") {
  const path = `${stand.url}/admin/sets/${setId}/questions/bulk-upload?errors=csv&lang=${lang}`;
  const answer = await fetch(path, { method: "POST", body });
  const bytes = Buffer.from(await answer.arrayBuffer());
  return { status: answer.status, headers: answer.headers, bytes };
}

function formOf(file: Uint8Array<ArrayBuffer> | string, fields: Record<string, string> = {}) {
  const form = new FormData();
  form.append("file", new Blob([file]), "문제.csv");
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}

const recordsOf = (bytes: Buffer): string[][] =>
  parse(bytes, { bom: true, relax_column_count: true });
const header = "번호,문제,선택지1,선택지2,정답,해설";

test("an XLSX is stored like a CSV, and its jobs are made", async () => {
  const setId = await newSet(stand);
  const rows = [header.split(","), [1, "물음", "가", "나", "②", ""], [2, "둘", 1, 2, 2, "교사"]];
  const { status, body } = await uploadFile(stand, setId, workbook([{ name: "문제", rows }]), {
    priority: "high",
  });
  expect({ status, jobs: body.backgroundJobs }).toEqual({ status: 201, jobs: 1 });
  expect(await questionsOf(stand, setId)).toMatchObject([
    { questionText: "물음", options: ["가", "나"], correctAnswer: "나" },
    { questionText: "둘", options: ["1", "2"], correctAnswer: "2", explanation: "교사" },
  ]);
});

test("the sheet that a form names is read, before or after the file", async () => {
  const sheet = (name: string) => ({ name, rows: [header.split(","), [1, name, "가", "나", 1]] });
  const file = workbook([sheet("1반"), sheet("2반")]);
  const setId = await newSet(stand);
  const refused = await uploadFile<Refused>(stand, setId, file);
  expect([refused.status, refused.body.details?.[0]?.problem]).toEqual([
    422,
    expect.stringContaining("('1반', '2반')"),
  ]);
  const { status } = await uploadFile(stand, setId, file, { sheet: "2반" });
  expect(status).toBe(201);
  expect(await questionsOf(stand, setId)).toMatchObject([{ questionText: "2반" }]);
});

test("a bomb is refused, and the API answers others meanwhile", async () => {
  const setId = await newSet(stand);
  const part = { "xl/worksheets/sheet1.xml": Buffer.alloc(300_000_000, " ") };
  const bomb = workbook([{ name: "문제", rows: [["가"]] }], part);
  expect(bomb.length).toBeLessThan(1_000_000);
  let isOver = false;
  const refusal = uploadFile<Refused>(stand, setId, bomb).finally(() => {
    isOver = true;
  });
  const answers: number[] = [];
  while (!isOver) answers.push((await stand.call("GET", `/admin/sets/${setId}`)).status);
  const { status, body } = await refusal;
  expect([status, body.details?.[0]?.problem]).toEqual([
    422,
    expect.stringContaining("펼치기에 너무 큽니다"),
  ]);
  expect(answers.length).toBeGreaterThan(10);
  expect(new Set(answers)).toEqual(new Set([200]));
}, 60_000);

test("refused rows come back as a file: their own cells, their number, and what is wrong", async () => {
  const setId = await newSet(stand);
  const file = `${header}\n1,좋음,가,나,가,\n2,"줄\n바꿈, 쉼표",가,나,다,해설\n\n4,,가,가,1,\n`;
  const { status, headers, bytes } = await uploadForFile(setId, formOf(file));
  expect(status).toBe(422);
  expect(headers.get("content-type")).toBe("text/csv; charset=utf-8");
  expect(headers.get("content-disposition")).toContain(encodeURIComponent("고칠 문제.csv"));
  expect(bytes.subarray(0, 3).toString("hex"), "Korean Excel needs the mark").toBe("efbbbf");
  const answer =
    "정답이 선택지 가운데 없습니다. 선택지의 내용을 그대로 쓰거나 그 번호(2 또는 ②)를 쓰세요.";
  expect(recordsOf(bytes)).toEqual([
    ["원래 행", "고칠 점", ...header.split(",")],
    ["2", `정답(correctAnswer): ${answer}`, "2", "줄\n바꿈, 쉼표", "가", "나", "다", "해설"],
    ["4", "문제(questionText): 비어 있습니다.", "4", "", "가", "가", "1", ""],
  ]);
  expect(await questionsOf(stand, setId)).toEqual([]);
});

test("a cell that a spreadsheet would compute is disarmed in that file, and read back as it was", async () => {
  const setId = await newSet(stand);
  const cells = ["=1+1", "+cmd", "-서론", "@SUM(A1)"];
  const file = `${header}\n1,${cells[0]},${cells[1]},${cells[2]},없음,${cells[3]}\n`;
  const { bytes } = await uploadForFile(setId, formOf(file));
  expect(recordsOf(bytes)[1]?.slice(3)).toEqual(["'=1+1", "'+cmd", "'-서론", "없음", "'@SUM(A1)"]);
  const again = await uploadForFile(setId, formOf(new Uint8Array(bytes)));
  expect(again.bytes, "still refused, and the same file").toEqual(bytes);
  const corrected = bytes.toString().replace("없음", "2");
  expect((await uploadFile(stand, setId, corrected)).status).toBe(201);
  expect(await questionsOf(stand, setId)).toMatchObject([
    {
      ...{ questionText: "=1+1", options: ["+cmd", "-서론"], correctAnswer: "-서론" },
      explanation: "@SUM(A1)",
    },
  ]);
  // Elsewhere the mark is what the teacher wrote.
  expect((await uploadFile(stand, setId, `${header}\n1,'=1+1,가,나,가,\n`)).status).toBe(201);
  expect((await questionsOf(stand, setId))[1]?.questionText).toBe("'=1+1");
});

test("an XLSX's and a JSON's refused rows come as the same file", async () => {
  const setId = await newSet(stand);
  const failed = { formula: "1/0", value: "#DIV/0!", type: "e" } as const;
  const rows = [header.split(","), [1, failed, 0.5, "나", 3, "", "여백의 메모"]];
  const sheet = await uploadForFile(setId, formOf(workbook([{ name: "문제", rows }])));
  expect(recordsOf(sheet.bytes)).toEqual([
    ["원래 행", "고칠 점", ...header.split(",")],
    [
      ...["1", "문제(questionText): 수식의 값이 오류(#DIV/0!)입니다."],
      ...["1", "#DIV/0!", "0.5", "나", "3", "", "여백의 메모"],
    ],
  ]);
  const questions = [row("좋음"), { ...row("물음"), option2: 7, constructor: "x" }, "행이 아님"];
  const json = await uploadForFile(setId, JSON.stringify({ questions }), "en");
  expect(recordsOf(json.bytes)).toEqual([
    [
      ...["original row", "to be corrected", "id", "questionText", "option1", "option2"],
      ...["option3", "option4", "option5", "correctAnswer", "explanation"],
    ],
    ["2", "option2: It must be text.", "", "물음", "가", "7", "", "", "", "나", ""],
    ["3", "It must be text.", "", "", "", "", "", "", "", "", ""],
  ]);
});

test("ids that exist already are told in that file too, and what is no row stays JSON", async () => {
  const setId = await newSet(stand);
  const file = "id,questionText,option1,option2,correctAnswer\nmine-1,물음,가,나,가\n";
  expect((await uploadFile(stand, setId, file)).status).toBe(201);
  const again = await uploadForFile(setId, formOf(file));
  expect(recordsOf(again.bytes)[1]).toEqual([
    ...["1", "id: 이 id의 문제가 이미 있습니다.", "mine-1", "물음", "가", "나", "가"],
  ]);
  const whole = await uploadForFile(setId, formOf("문제\n물음"));
  expect(JSON.parse(whole.bytes.toString())).toMatchObject({ code: "invalid_field" });
  const { status, body } = await stand.call<Refused>(
    ...(["POST", `/admin/sets/${setId}/questions/bulk-upload?errors=xml`, formOf(file)] as const),
  );
  expect([status, body.details?.[0]?.path]).toEqual([422, "errors"]);
});

test.each(["csv", "xlsx"] as const)(
  "the %s to fill in is read back as its own example",
  async (format) => {
    const answer = await fetch(`${stand.url}/admin/questions/template?format=${format}`);
    expect(answer.status).toBe(200);
    const name = encodeURIComponent(`문제 양식.${format}`);
    expect(answer.headers.get("content-disposition")).toContain(name);
    const file = new Uint8Array(await answer.arrayBuffer());
    const mark = format === "csv" ? "efbbbf" : "504b03";
    expect(Buffer.from(file.subarray(0, 3)).toString("hex")).toBe(mark);
    const setId = await newSet(stand);
    const { body } = await uploadFile(stand, setId, file);
    expect(body.data).toMatchObject([
      {
        questionText: "다음 중 대한민국의 수도는?",
        options: ["부산", "서울", "인천", "대구", "광주"],
        ...{ correctAnswer: "서울", explanationStatus: "completed" },
      },
    ]);
  },
);

test("a header by header mixture of names gives the same as the template's", async () => {
  const setId = await newSet(stand);
  const names = "questionText,보기1,option2,답";
  await uploadFile(stand, setId, `${names}\n물음,가,나,①\n`);
  const { body } = await upload(stand, setId, [row("물음", { correctAnswer: "가" })]);
  const [first] = await questionsOf(stand, setId);
  expect(first).toMatchObject({ options: body.data[0]?.options, correctAnswer: "가" });
});
