import iconv from "iconv-lite";
import { beforeAll, expect, test } from "vitest";
import {
  key,
  newSet,
  questionsOf,
  type Refused,
  row,
  type Stand,
  startStand,
  type Uploaded,
  upload,
  uploadFile,
} from "../../fixtures/stand.ts";

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
}, 60_000);

/** Everything that an upload may store. */
async function stored(): Promise<unknown> {
  const [counts] = await stand.database.query(
    `SELECT (SELECT count(*) FROM questions) AS questions, (SELECT count(*) FROM jobs) AS jobs,
       (SELECT count(*) FROM job_inputs) AS inputs, (SELECT count(*) FROM batches) AS batches,
       (SELECT count(*) FROM idempotency_keys) AS keys,
       (SELECT sum(question_count) FROM passage_sets) AS numbers`,
  );
  return counts;
}

const header = "questionText,option1,option2,option3,correctAnswer,explanation";
const questionTexts = async (setId: string) =>
  (await questionsOf(stand, setId)).map(({ questionText }) => questionText);

test("the document's own request is answered as the document says", async () => {
  const setId = await newSet(stand);
  const rows = Array.from({ length: 5 }, (_, at) => ({
    ...{ questionText: `문제 ${at + 1}`, option1: "선택지1", option2: "선택지2" },
    ...{ option3: "선택지3", option4: "선택지4", correctAnswer: "선택지1" },
    explanation: at < 3 ? "" : "교사의 해설",
  }));
  const { status, body } = await upload(stand, setId, rows);
  expect(status).toBe(201);
  expect(body).toMatchObject({
    success: true,
    message:
      "5개의 문제가 성공적으로 생성되었습니다. (3개 문제의 AI 해설을 백그라운드에서 생성중입니다.)",
    backgroundJobs: 3,
    queueStatus: { queueSize: 3, isProcessing: false, oldestJob: expect.stringMatching(/Z$/) },
  });
  expect(body.data).toEqual(await questionsOf(stand, setId));
  expect(body.data[0]).toEqual({
    id: expect.any(String),
    questionNumber: 1,
    questionText: "문제 1",
    options: ["선택지1", "선택지2", "선택지3", "선택지4"],
    correctAnswer: "선택지1",
    explanation: "아직 해설이 없습니다. AI 해설이 생성되면 여기에 표시됩니다.",
    explanationStatus: "pending",
    explanationGeneratedAt: null,
    explanationError: null,
  });
  expect(body.data[4]).toMatchObject({
    explanation: "교사의 해설",
    explanationStatus: "completed",
    explanationGeneratedAt: expect.stringMatching(/Z$/),
  });
  const jobs = await stand.call<{ jobs: object[] }>(
    ...(["GET", `/v1/jobs?batch=${body.batchId}&tenant=public`, undefined, key] as const),
  );
  expect(jobs.body.jobs).toHaveLength(3);
  expect(jobs.body.jobs[0]).toMatchObject({
    ...{ kind: "explanation", tags: [`set:${setId}`], maxAttempts: 4 },
    metadata: { setId, questionId: body.data[2]?.id },
  });
});

test("without anything to explain the message has no parentheses and no job is made", async () => {
  const setId = await newSet(stand);
  const { body } = await upload(stand, setId, [row("물음", { explanation: "교사" })]);
  expect(body.message).toBe("1개의 문제가 성공적으로 생성되었습니다.");
  expect(body).toMatchObject({ backgroundJobs: 0, batchId: null });
});

test("a CSV is read as UTF-8, with BOM and as CP949, fields after the file included", async () => {
  const text = `${header}\r\n"첫 줄\r\n둘째 줄, 뷁",가,나,,나,\r\n끝,가,나,다,다,교사\r\n`;
  const setId = await newSet(stand);
  const files = [Buffer.from(text), Buffer.from(`\uFEFF${text}`), iconv.encode(text, "cp949")];
  for (const [at, file] of files.entries()) {
    const fields = { priority: "high", runAt: "2099-01-01T00:00:00+09:00", callback_url: "" };
    const { status, body } = await uploadFile(stand, setId, new Uint8Array(file), fields);
    expect({ status, jobs: body.backgroundJobs }).toEqual({ status: 201, jobs: 1 });
    expect(body.data.map(({ questionNumber }) => questionNumber)).toEqual([at * 2 + 1, at * 2 + 2]);
    const [job] = await stand.database.query(
      `SELECT priority, run_at > now() + interval '1 year' AS later FROM jobs j
       JOIN batches b ON b.id = j.batch_id WHERE b.public_id = $1`,
      [body.batchId],
    );
    expect(job).toEqual({ priority: "high", later: true });
  }
  const texts = ["첫 줄\n둘째 줄, 뷁", "끝"];
  expect(await questionTexts(setId)).toEqual([...texts, ...texts, ...texts]);
});

test("one bad row among good ones stores nothing, and every bad row is named", async () => {
  const setId = await newSet(stand);
  const before = await stored();
  const { status, body } = await upload<Refused>(stand, setId, [
    row("좋음"),
    row("정답 없음", { correctAnswer: "다" }),
    row("", { option2: 7 }),
    row("빈틈", { option4: "라" }),
    row("같은 보기", { option3: "가" }),
    row("긴 보기", { option1: "가".repeat(2_001) }),
    { id: "없는 글자", questionText: null },
    "행이 아님",
  ]);
  expect({ status, code: body.code }).toEqual({ status: 422, code: "invalid_rows" });
  expect(body.error).toMatch(/^7개 행에 문제가 있어/);
  expect(body.details).toEqual([
    { row: 2, field: "correctAnswer", problem: expect.stringContaining("선택지 가운데 없습니다") },
    { row: 3, field: "questionText", problem: "비어 있습니다." },
    { row: 3, field: "option2", problem: "문자열이어야 합니다." },
    { row: 4, field: "option3", problem: expect.stringContaining("빠짐없이") },
    { row: 5, field: "option3", problem: "같은 선택지가 두 번 있습니다." },
    { row: 6, field: "option1", problem: "최대 2000자까지 쓸 수 있습니다." },
    { row: 7, field: "id", problem: expect.stringContaining("1–64자") },
    { row: 7, field: "questionText", problem: "문자열이어야 합니다." },
    { row: 7, field: "option1", problem: "꼭 있어야 합니다." },
    { row: 7, field: "option2", problem: "꼭 있어야 합니다." },
    { row: 7, field: "correctAnswer", problem: "꼭 있어야 합니다." },
    { row: 8, field: "", problem: "문자열이어야 합니다." },
  ]);
  const csv = `${header}\n좋음,가,나,,나,\n\n쉼표, 하나 더,가,나,다,나,해설\n`;
  const file = await uploadFile<Refused>(stand, setId, csv);
  expect(file.body.details?.[0]).toMatchObject({ row: 3, field: "" });
  expect(await stored()).toEqual(before);
});

test("1,000 rows that are all bad are all named, in an answer of bounded length", async () => {
  const setId = await newSet(stand);
  const rows = Array.from({ length: 1_000 }, () => ({}));
  const { body } = await upload<Refused>(stand, setId, rows);
  expect(body.details?.map((one) => one.row)).toEqual(rows.map((_, at) => at + 1));
  expect(body.error).toContain("모두 4000건 중 1000건");
});

test("what is no upload is refused with a clear sentence, and nothing is stored", async () => {
  const setId = await newSet(stand);
  const path = `/admin/sets/${setId}/questions/bulk-upload`;
  const before = await stored();
  const asJson = async (body: unknown) => {
    const answer = await stand.call<Refused>("POST", path, body);
    return [answer.status, answer.body.code, answer.body.details?.[0]?.problem];
  };
  const first = async (answer: Promise<unknown[]>) => (await answer).slice(0, 2);
  const many = Array.from({ length: 10_001 }, (_, at) => row(`${at}`));
  expect(await asJson({ questions: many })).toEqual([
    ...[422, "invalid_field", "최대 1000개까지 보낼 수 있습니다."],
  ]);
  expect(await asJson({ questions: [] })).toEqual([
    ...[422, "invalid_field", "1개 이상이어야 합니다."],
  ]);
  expect(await asJson({})).toEqual([422, "invalid_field", "꼭 있어야 합니다."]);
  expect(await first(asJson(undefined))).toEqual([400, "invalid_request"]);
  expect(await first(asJson([row("목록")]))).toEqual([400, "invalid_request"]);
  expect(await first(asJson("{깨진 JSON"))).toEqual([400, "malformed_json"]);
  expect(await first(asJson({ questions: [row("\u0000")] }))).toEqual([422, "invalid_field"]);
  expect(await first(asJson({ questions: [row("물음")], priority: "urgent" }))).toEqual([
    422,
    expect.any(String),
  ]);
  expect(await first(asJson({ questions: [row("가".repeat(12_000_000))] }))).toEqual([
    413,
    "payload_too_large",
  ]);

  const { body: tooLarge } = await stand.call<Refused>("POST", path, "가".repeat(12_000_000));
  expect(tooLarge.error).toContain("최대 10485760바이트");

  const asFile = async (bytes: Uint8Array<ArrayBuffer> | string, fields = {}) => {
    const answer = await uploadFile<Refused>(stand, setId, bytes, fields);
    return [answer.status, answer.body.code, answer.body.details?.[0]?.problem];
  };
  const refused = (problem: RegExp) => [422, "invalid_field", expect.stringMatching(problem)];
  expect(await asFile("")).toEqual(refused(/파일에 문제가 없습니다/));
  expect(await asFile(header)).toEqual(refused(/파일에 문제가 없습니다/));
  expect(await asFile(new Uint8Array([80, 75, 3, 4, 0, 0]))).toEqual(
    refused(/XLSX로 읽을 수 없는/),
  );
  expect(await asFile(`${header}\n${"물음,가,나,,나,\n".repeat(10_001)}`)).toEqual(
    refused(/1000개/),
  );
  expect(await first(asFile("가".repeat(12_000_000)))).toEqual([413, "payload_too_large"]);
  expect(await first(asFile(`${header}\n물음,가,나,,나,`, { runAt: "내일" }))).toEqual([
    422,
    expect.any(String),
  ]);
  expect(await first(asJson(new FormData()))).toEqual([422, "invalid_field"]);
  const two = new FormData();
  for (const name of ["a.csv", "b.csv"]) two.append("file", new Blob([header]), name);
  expect(await asJson(two)).toEqual(refused(/1개까지/));
  const malformed = [400, "malformed_form", undefined];
  const asForm = async (type: string, body: string) => {
    const headers = { "content-type": `multipart/form-data${type}` };
    const answer = await stand.call<Refused>("POST", path, body, headers);
    return [answer.status, answer.body.code, answer.body.details?.[0]?.problem];
  };
  const part = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n';
  expect(await asForm("", "no boundary")).toEqual(malformed);
  expect(await asForm("; boundary=x", "garbage")).toEqual(malformed);
  expect(await asForm("; boundary=x", `${part}${header}`)).toEqual(malformed);
  const crowded = new FormData();
  for (let at = 0; at < 100; at += 1) crowded.append(`field${at}`, "x");
  expect(await asJson(crowded)).toEqual(malformed);
  expect(await stored()).toEqual(before);
});

test("a set of nobody's or of another tenant is not found", async () => {
  const theirs = await stand.call<{ data: { id: string } }>(
    ...(["POST", "/admin/sets", { title: "남의 것" }, key] as const),
  );
  for (const setId of ["없음", "507f1f77bcf86cd799439011", theirs.body.data.id]) {
    const path = `/admin/sets/${encodeURIComponent(setId)}`;
    const answers = await Promise.all([
      upload<Refused>(stand, encodeURIComponent(setId), [row("물음")]),
      stand.call<Refused>("GET", path),
      stand.call<Refused>("GET", `${path}/questions`),
      stand.call<Refused>("GET", `${path}/questions/queue-status`),
      stand.call<Refused>("GET", `${path}/questions/explanation-status`),
    ]);
    for (const { status, body } of answers) {
      expect({ status, code: body.code }).toEqual({ status: 404, code: "set_not_found" });
    }
  }
});

test("ids that are brought along are kept, and none is stored twice", async () => {
  const id = "507f1f77bcf86cd799439011";
  const setId = await newSet(stand, { id: "507f191e810c19729de860ea" });
  expect(setId).toBe("507f191e810c19729de860ea");
  const { body } = await upload(stand, setId, [row("옛 문제", { id })]);
  expect(body.data[0]?.id).toBe(id);
  const within = await upload<Refused>(stand, setId, [
    ...[row("하나", { id: "same-id" }), row("둘"), row("셋", { id: "same-id" })],
  ]);
  expect(within.body.details).toEqual([
    { row: 3, field: "id", problem: "1번 행과 같은 id입니다." },
  ]);
  const before = await stored();
  const again = await upload<Refused>(stand, setId, [row("새 문제"), row("옛 문제", { id })]);
  expect(again.body.details).toEqual([
    { row: 2, field: "id", problem: "이 id의 문제가 이미 있습니다." },
  ]);
  expect(await stored()).toEqual(before);
  const twice = await stand.call<Refused>("POST", "/admin/sets", { id: setId, title: "또" });
  const theirs = await stand.call("POST", "/admin/sets", { id: setId, title: "남의 것" }, key);
  expect(theirs.status, "ids are a tenant's own").toBe(201);
  const same = await upload(stand, setId, [row("남의 문제", { id })], {}, key);
  expect(same.status).toBe(201);
  expect((await questionsOf(stand, setId))[0]).toMatchObject({ id, questionText: "옛 문제" });
  expect({ status: twice.status, code: twice.body.code }).toEqual({
    status: 409,
    code: "set_exists",
  });
});

test("uploads into one set at once get numbers without a gap and none twice", async () => {
  const setId = await newSet(stand);
  const twenty = Array.from({ length: 20 }, (_, at) => [row(`${at} 하나`), row(`${at} 둘`)]);
  const answers = await Promise.all(twenty.map((rows) => upload(stand, setId, rows)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
  const numbers = (await questionsOf(stand, setId)).map(({ questionNumber }) => questionNumber);
  expect(numbers).toEqual(Array.from({ length: 40 }, (_, at) => at + 1));
});

test("one Idempotency-Key is one upload, whether it makes jobs or not, and from a CSV too", async () => {
  const setId = await newSet(stand);
  const plain = [row("멱등", { id: "idempotent-1" })];
  for (const [name, rows] of Object.entries({
    jobs: plain,
    none: [row("해설 있음", { explanation: "교사" })],
  })) {
    const headers = { "idempotency-key": `only-once-${name}` };
    const many = Array.from({ length: 10 }, () => upload(stand, setId, rows, {}, headers));
    const answers = await Promise.all(many);
    expect(answers).toEqual(answers.map(() => ({ status: 201, body: answers[0]?.body })));
    const other = await upload<Refused>(stand, setId, [row("다른 내용")], {}, headers);
    expect({ status: other.status, code: other.body.code }).toEqual({
      ...{ status: 409, code: "idempotency_conflict" },
    });
  }
  expect(await questionTexts(setId)).toEqual(["멱등", "해설 있음"]);
  const empty = await stand.database.query("SELECT 1 FROM batches WHERE total = 0");
  expect(empty, "no batch without a job").toEqual([]);
  const csv = new FormData();
  csv.append("file", new Blob([`id,${header}\nidempotent-1,멱등,가,나,,나,`]), "a.csv");
  const path = `/admin/sets/${setId}/questions/bulk-upload`;
  const same = await stand.call<Uploaded>("POST", path, csv, {
    "idempotency-key": "only-once-jobs",
  });
  expect(same.body.data[0]?.questionText).toBe("멱등");
  expect(await questionTexts(setId)).toHaveLength(2);
});

test("the sets are listed newest first, page by page, with how many questions each has", async () => {
  const ids = [await newSet(stand), await newSet(stand), await newSet(stand)].reverse();
  await upload(stand, ids[0] as string, [row("하나"), row("둘")]);
  type Page = { data: { id: string; questionCount: number }[]; nextCursor: string | null };
  const first = await stand.call<Page>("GET", "/admin/sets?limit=2");
  expect(first.body.data.map(({ id }) => id)).toEqual(ids.slice(0, 2));
  expect(first.body.data.map(({ questionCount }) => questionCount)).toEqual([2, 0]);
  const next = await stand.call<Page>("GET", `/admin/sets?limit=1&cursor=${first.body.nextCursor}`);
  expect(next.body.data[0]?.id).toBe(ids[2]);
  const read = await stand.call<{ data: object }>("GET", `/admin/sets/${ids[1]}`);
  expect(read.body.data).toMatchObject({ subject: "국어", level: "고등학교", title: "진달래꽃" });
});
