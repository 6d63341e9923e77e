import { afterAll, expect, test } from "vitest";
import { startApi } from "../fixtures/api.ts";

const api = await startApi();
afterAll(() => api.close());

function post(body: unknown, headers: Record<string, string> = {}) {
  return api.app.inject({
    method: "POST",
    url: "/api/documents/batch",
    headers: { "content-type": "application/json", ...headers },
    payload: JSON.stringify(body),
  });
}

async function jobsOf(jobId: string) {
  return api.database.query<{ keyword: string; sources: string[]; priority: string; runAt: Date }>(
    `SELECT i.input->>'keyword' AS keyword, i.input->'sources' AS sources, j.priority,
       j.run_at AS "runAt"
     FROM jobs j JOIN job_inputs i ON i.job_id = j.id JOIN batches b ON b.id = j.batch_id
     WHERE b.public_id = $1 ORDER BY j.position`,
    [jobId],
  );
}

test("a batch is answered as the document says, and stands in Postgres by then", async () => {
  const response = await post({ keywords: ["맥북", "아이폰"] });
  expect(response.statusCode).toBe(202);
  const body = response.json();
  expect(body).toEqual({
    success: true,
    jobId: expect.stringMatching(/^batch_\d{13}_[0-9a-z]{12}$/),
    message: "배치 작업이 시작되었습니다",
  });
  const sources = ["blog", "cafe", "news"];
  expect(await jobsOf(body.jobId)).toMatchObject([
    { keyword: "맥북", sources, priority: "normal" },
    { keyword: "아이폰", sources, priority: "normal" },
  ]);
});

test("keywords are trimmed, normalised and folded, in the order of their first place", async () => {
  const keywords = ["갤럭시", " 맥북 ", "맥북".normalize("NFD"), "갤럭시\n", "가 나"];
  const { jobId } = (await post({ keywords })).json();
  const stored = (await jobsOf(jobId)).map(({ keyword }) => keyword);
  expect(stored).toEqual(["갤럭시", "맥북", "가 나"]);
});

test("priority, sources and start time apply to every keyword", async () => {
  const runAt = "2099-01-01T09:00:00+09:00";
  const options = { priority: "low", sources: ["kin", "kin", "webkr"], runAt };
  const { jobId } = (await post({ keywords: ["가", "나"], ...options })).json();
  const job = { sources: ["kin", "webkr"], priority: "low", runAt: new Date(runAt) };
  expect(await jobsOf(jobId)).toMatchObject([job, job]);
});

test("a start time that is long past means now, however old", async () => {
  const response = await post({ keywords: ["가"], runAt: "0000-01-01T00:00:00Z" });
  expect(response.statusCode).toBe(202);
});

test.each(["callback_url", "callbackUrl"])("%s is kept with the batch", async (name) => {
  const { jobId } = (await post({ keywords: ["가"], [name]: "https://example.com/h?a=1" })).json();
  const rows = await api.database.query(
    "SELECT callback_url AS endpoint FROM batches WHERE public_id = $1",
    [jobId],
  );
  expect(rows).toMatchObject([{ endpoint: "https://example.com/h?a=1" }]);
});

test("1,000 keywords of 100 characters are one batch", async () => {
  const keywords = Array.from({ length: 1_000 }, (_, index) => `${index}`.padStart(100, "가"));
  const { jobId } = (await post({ keywords })).json();
  expect((await jobsOf(jobId)).map(({ keyword }) => keyword)).toEqual(keywords);
});

const refused: [string, unknown, string][] = [
  ["a list", [], ""],
  ["no keywords", {}, "keywords"],
  ["keywords that are no list", { keywords: "맥북" }, "keywords"],
  ["an empty list", { keywords: [] }, "keywords"],
  ["1,001 keywords", { keywords: Array.from({ length: 1_001 }, String) }, "keywords"],
  ["1,001 times the same", { keywords: Array.from({ length: 1_001 }, () => "가") }, "keywords"],
  ["a number", { keywords: ["가", 7] }, "keywords.1"],
  ["null", { keywords: [null] }, "keywords.0"],
  ["a blank keyword", { keywords: ["가", "나", " \t"] }, "keywords.2"],
  ["101 characters", { keywords: ["가".repeat(101)] }, "keywords.0"],
  ["\\u0000", { keywords: ["가\u0000나"] }, "keywords.0"],
  ["half a surrogate pair", { keywords: ["\ud83d"] }, "keywords.0"],
  ["an unknown priority", { keywords: ["가"], priority: "urgent" }, "priority"],
  ["an unknown source", { keywords: ["가"], sources: ["blog", "shop"] }, "sources.1"],
  ["no sources", { keywords: ["가"], sources: [] }, "sources"],
  ["an odd callback", { keywords: ["가"], callback_url: "ftp://x/" }, "callback_url"],
  ["an odd start time", { keywords: ["가"], runAt: "tomorrow" }, "runAt"],
];
test.each(refused)(
  "%s is refused by the field's name, and nothing is stored",
  async (_, body, path) => {
    const [before] = await api.database.query("SELECT count(*) FROM batches");
    const response = await post(body);
    expect(response.statusCode).toBe(422);
    const [detail] = response.json().details;
    expect(detail).toEqual({ path, problem: expect.stringMatching(/./) });
    expect(await api.database.query("SELECT count(*) FROM batches")).toEqual([before]);
  },
);

test("the same key and content get the first answer, one batch, also at the same moment", async () => {
  const headers = { "idempotency-key": "once" };
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => post({ keywords: ["가", "나"] }, headers)),
  );
  const bodies = new Set(answers.map((answer) => answer.body));
  expect(bodies.size).toBe(1);
  const again = await post({ keywords: [" 가", "나", "가"] }, headers);
  expect([again.statusCode, again.body]).toEqual([202, answers[0]?.body]);
});

test("the same key with other content is a conflict, and another tenant's key is its own", async () => {
  const headers = { "idempotency-key": "conflict" };
  const first = await post({ keywords: ["가"] }, headers);
  const other = await post({ keywords: ["나"] }, headers);
  expect([other.statusCode, other.json().code]).toEqual([409, "idempotency_conflict"]);
  const elsewhere = await post({ keywords: ["나"] }, { ...headers, "x-tenant": "other" });
  expect(elsewhere.statusCode).toBe(202);
  expect(elsewhere.json().jobId).not.toBe(first.json().jobId);
});

test("a key that is too long is refused", async () => {
  const response = await post({ keywords: ["가"] }, { "idempotency-key": "k".repeat(256) });
  expect(response.statusCode).toBe(422);
  expect(response.json().details[0].path).toBe("Idempotency-Key");
});
