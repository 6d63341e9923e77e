import { enterWorker, newId, renewLease } from "@ilgam/db";
import { jobContracts } from "@ilgam/jobs/contracts";
import { kindRoutes } from "@ilgam/jobs/routes";
import { waitFor } from "@ilgam/testing";
import { expect, test } from "vitest";
import { type Answer, createTestApi } from "../fixtures/test-api.ts";

const options = { catalogue: jobContracts, kindRoutes };
const { app, call, run, db } = await createTestApi({}, options);

type Operation = { operationId: string };
const document = app.swagger() as unknown as {
  paths: Record<string, Record<string, Operation>>;
};

/** What was asked and answered, by operationId, as it is shown in the document. */
const examples: Record<string, Example> = {};
type Example = {
  request?: unknown;
  status: number;
  response?: unknown;
  /** By status, what was refused. */
  refused?: Record<string, unknown>;
};

const seen = new Map<string, string>();
const numbered = (found: string, make: (n: string) => string) => {
  const known = seen.get(found) ?? make(String(seen.size + 1).padStart(12, "0"));
  seen.set(found, known);
  return known;
};

/** What differs from run to run, made the same; each id keeps its own face. */
function settled(text: string): string {
  return (
    text
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) =>
        numbered(id, (n) => `01a1fecc-e102-701b-a337-${n}`),
      )
      .replace(/\b(batch|images|explanations)_\d{13}_\w+/g, (id, word) =>
        numbered(id, (n) => `${word}_1795256859630_${n}`),
      )
      .replace(/"(nextCursor|next_cursor)":"[^"]+"/g, '"$1":"b3BhcXVl"')
      .replace(/ilg_live_\w+/g, "ilg_live_EXAMPLE")
      .replace(/whsec_[\w+/=]+/g, "whsec_ZXhhbXBsZQ==")
      .replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"2026-11-27T09:00:00.000Z"')
      .replace(/"\d{4}-\d\d-\d\d"/g, '"2026-11-27"')
      .replace(/:\d{13}\b/g, ":1795256859630")
      .replace(/"(upload_time|oldestWaitingSeconds|memoryBytes)":[\d.]+/g, '"$1":1')
      // Told to Redis behind the answers.
      .replace(/"redis":\{[^}]+\}/g, '"redis":{"waiting":2,"active":0,"delayed":0}')
      .replace(/"id":"(?!01a1)[0-9A-Za-z]{12,}"/g, '"id":"EXAMPLE"')
  );
}

function operationAt(method: string, url: string): string {
  const path = url.split("?", 1)[0] ?? "";
  const matches = Object.entries(document.paths).filter(([pattern, methods]) => {
    const form = `^${pattern.replace(/\{\w+\}/g, "[^/]+")}$`;
    return new RegExp(form).test(path) && methods[method.toLowerCase()];
  });
  // Of two patterns the one that names more of the path.
  matches.sort(([a], [b]) => a.split("{").length - b.split("{").length);
  const operation = matches[0]?.[1][method.toLowerCase()];
  if (!operation) throw new Error(`${method} ${url} is not described`);
  return operation.operationId;
}

async function show(method: string, url: string, body?: unknown): Promise<Answer["body"]> {
  const answer = await call(method, url, body);
  expect(answer.status, `${method} ${url}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  const isJson = body !== undefined && !(body instanceof FormData);
  examples[operationAt(method, url)] = {
    ...(isJson ? { request: body } : {}),
    status: answer.status,
    ...(answer.status === 204 ? {} : { response: answer.body }),
  };
  return answer.body;
}

/** Of an operation that was shown before. */
async function showRefusal(code: string, method: string, url: string, body?: unknown) {
  const answer = await call(method, url, body);
  expect(answer.body.code, `${method} ${url}: ${JSON.stringify(answer.body)}`).toBe(code);
  const example = examples[operationAt(method, url)];
  if (!example) throw new Error(`${method} ${url} was not shown`);
  example.refused = { ...example.refused, [answer.status]: answer.body };
}

function form(
  name: string,
  type: string,
  content: string | Uint8Array<ArrayBuffer>,
  fields: Record<string, string> = {},
) {
  const data = new FormData();
  data.append("file", new File([content], name, { type }));
  for (const [key, value] of Object.entries(fields)) data.append(key, value);
  return data;
}

const png = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
const counted = {
  ...{ keyword: "노트북", counts: { blog: 4_225, cafe: 7, news: 5_132_399 } },
  ...{ provider: "sandbox", cached: false },
};

const described = {
  ...{ analysis: "점 하나", width: 1, height: 1, model: "sandbox", provider: "sandbox" },
};

/** What a worker may store: the kind's own schema has it. */
function resultOf(kind: string, output: unknown): unknown {
  return jobContracts.find((one) => one.kind === kind)?.result.parse(output);
}

/** Sends a callback once more that the end of a job or batch left behind. */
async function redeliver(subject: string, subjectId: string): Promise<void> {
  const id = newId();
  await db.sql.query(
    `INSERT INTO webhook_deliveries (id, tenant_id, endpoint, subject_id, run, event)
     VALUES ($1, 'public', 'https://example.com/done', $2, 1, 'job.completed')`,
    [id, subjectId],
  );
  await show("GET", `${subject}/deliveries`);
  await show("POST", `${subject}/deliveries/${id}/redeliver`);
}

/** As the worker leaves a document of one chunk. */
async function completeDocument(id: number): Promise<void> {
  await db.sql.query(
    `INSERT INTO document_chunks (document_id, run, position, page_from, page_to, content, tokens)
     VALUES ($1, 1, 0, 1, 1, '봄이 오면', 5)`,
    [id],
  );
  await db.sql.query(
    "UPDATE documents SET run = 1, pages = 1, chunks = 1, tokens = 5 WHERE id = $1",
    [id],
  );
}

test("the examples of the document are what the API answers", async () => {
  await show("GET", "/healthz");
  await show("GET", "/acceptz");
  const workerId = newId();
  const worker = { workerId, host: "worker-1", pid: 7, version: "0.1.0" };
  await enterWorker(db.sql, { ...worker, queues: ["document-count"] }, 60_000);
  const beat = { workerId, leaseMs: 60_000, inHand: 2, memoryBytes: 5, consuming: true };
  await renewLease(db.sql, { ...beat, draining: false, concurrency: { "document-count": 4 } });
  await show("GET", "/readyz");
  await show("GET", "/v1/workers");
  const areKnown = async () => {
    const { providers } = (await call("GET", "/v1/providers")).body;
    return (providers as { isKnown: boolean }[]).every(({ isKnown }) => isKnown);
  };
  await waitFor(areKnown, { what: "the providers to be read from Redis" });
  await show("GET", "/v1/providers");
  await show("POST", "/v1/providers/openai/probe");
  await showRefusal("provider_not_found", "POST", "/v1/providers/none/probe");

  const job = { kind: "document-count", input: { keyword: "노트북" }, priority: "high" };
  const { id } = await show("POST", "/v1/jobs", { ...job, tags: ["demo"] });
  await run(id, { type: "completed", output: resultOf("document-count", counted) });
  await show("GET", `/v1/jobs/${id}`);
  await show("GET", `/v1/jobs/${id}/result`);
  await show("GET", `/v1/jobs/${id}/attempts`);
  await show("GET", `/v1/jobs/${id}/deliveries`);
  await show("GET", "/v1/jobs?limit=1");
  await showRefusal("invalid_field", "GET", "/v1/jobs?limit=0");
  await showRefusal("unknown_kind", "POST", "/v1/jobs", { kind: "nope", input: {} });
  await showRefusal("malformed_json", "POST", "/v1/jobs", "{");
  await showRefusal("job_not_found", "GET", "/v1/jobs/none");
  const other = await call("POST", "/v1/jobs", { ...job, input: { keyword: "휴대폰" } });
  await showRefusal("result_not_ready", "GET", `/v1/jobs/${other.body.id}/result`);
  await show("POST", `/v1/jobs/${other.body.id}/cancel`);
  await showRefusal("already_finished", "POST", `/v1/jobs/${other.body.id}/cancel`);
  await show("POST", `/v1/jobs/${other.body.id}/retry`);
  await show("DELETE", `/v1/jobs/${other.body.id}`);
  await show("GET", `/v1/jobs/${other.body.id}/events`);
  await show("POST", "/v1/jobs/bulk", { jobs: [job, { kind: "nope", input: {} }] });
  await show("POST", "/v1/jobs/cancel", { filter: { kind: "explanation" } });
  await show("POST", "/v1/jobs/retry", { filter: { error: "provider_unavailable" } });

  await show("POST", "/api/documents/batch", { keywords: ["맥북", "아이폰"] });
  const { batches } = await show("GET", "/v1/batches?limit=1");
  const [batch] = batches as { id: string; publicId: string }[];
  await show("GET", `/v1/batches/${batch?.id}`);
  await show("GET", `/v1/batches/${batch?.id}/deliveries`);
  await redeliver(`/v1/jobs/${id}`, id);
  await redeliver(`/v1/batches/${batch?.id}`, String(batch?.id));
  await show("GET", `/api/documents/status?jobId=${batch?.publicId}`);
  await show("GET", "/api/documents/batches");
  await show("DELETE", `/api/documents/batch/${batch?.publicId}`);
  await showRefusal("already_finished", "DELETE", `/api/documents/batch/${batch?.publicId}`);
  await showRefusal("invalid_field", "POST", "/api/documents/batch", { keywords: [] });
  const sources = Object.entries(counted.counts);
  for (const [source, count] of sources) {
    await db.sql.query(
      `INSERT INTO document_counts (keyword, source, count, provider, fetched_at)
       VALUES ($1, $2, $3, $4, now())`,
      [counted.keyword, source, count, counted.provider],
    );
  }
  const keyword = encodeURIComponent(counted.keyword);
  await show("GET", `/api/documents/count?keyword=${keyword}`);
  await call("POST", "/api/documents/batch", { keywords: ["갤럭시"] });
  const open = (await call("GET", "/v1/batches?limit=1")).body.batches as { id: string }[];
  await show("POST", `/v1/batches/${open[0]?.id}/cancel`);

  const morning = { name: "morning", kind: "document-count", input: { keyword: "뉴스" } };
  const time = { pattern: "0 9 * * *", timeZone: "Asia/Seoul" };
  const schedule = await show("POST", "/v1/schedules", { ...morning, ...time });
  await show("GET", "/v1/schedules");
  await show("GET", `/v1/schedules/${schedule.id}`);
  await show("PATCH", `/v1/schedules/${schedule.id}`, { enabled: false });
  await show("POST", `/v1/schedules/${schedule.id}/run`);
  await show("DELETE", `/v1/schedules/${schedule.id}`);

  const file = await show("POST", "/v1/files", form("memo.txt", "text/plain", "글"));
  await show("GET", `/v1/files/${file.id}`);
  await show("DELETE", `/v1/files/${file.id}`);

  await show("POST", "/v1/tenants", { id: "acme", name: "Acme" });
  await show("GET", "/v1/tenants");
  const key = await show("POST", "/v1/keys", { tenant: "acme", name: "ci", scopes: ["read"] });
  await show("GET", "/v1/keys");
  await show("DELETE", `/v1/keys/${key.id}`);
  await show("GET", "/v1/webhook-secret");
  await show("POST", "/v1/webhook-secret/rotate");

  await show("PATCH", "/v1/queues/document-count", { concurrency: 8 });
  await show("GET", "/v1/queues/document-count");
  await showRefusal("queue_not_found", "GET", "/v1/queues/none");
  await show("GET", "/v1/queues/document-count/backlog");
  await show("POST", "/v1/queues/document-count/pause");
  await show("POST", "/v1/queues/document-count/resume");

  await show("GET", "/v1/stats/usage?by=kind&from=2026-11-01&to=2026-11-27");
  await showRefusal("invalid_field", "GET", "/v1/stats/usage?by=weather");

  const set = { id: "azalea", title: "진달래꽃", passageContent: "나 보기가 역겨워 가실 때에는" };
  await show("POST", "/admin/sets", set);
  await show("GET", "/admin/sets");
  await show("GET", "/admin/sets/azalea");
  await showRefusal("set_exists", "POST", "/admin/sets", set);
  await showRefusal("set_not_found", "GET", "/admin/sets/none");
  const question = {
    ...{
      id: "q1",
      questionText: "화자의 태도로 알맞은 것은?",
      correctAnswer: "이별을 받아들인다.",
    },
    ...{ option1: "이별을 받아들인다.", option2: "임을 원망한다." },
  };
  const upload = "/admin/sets/azalea/questions/bulk-upload";
  await show("POST", upload, { questions: [question] });
  const wrong = { ...question, id: "q2", correctAnswer: "임을 기다린다." };
  await showRefusal("invalid_rows", "POST", upload, { questions: [wrong] });
  await show("GET", "/admin/sets/azalea/questions");
  await show("GET", "/admin/sets/azalea/questions/explanation-status");
  await show("GET", "/admin/sets/azalea/questions/queue-status");
  await show("GET", "/admin/questions/q1/explanation-status");
  await show("PATCH", "/admin/questions/q1", { explanation: "교사의 해설" });
  await show("POST", "/admin/questions/q1/regenerate-explanation");
  await show("POST", "/admin/restart-queue", { retryFailed: true });
  const prompt = "/admin/system-prompts/question_explanation";
  await show("PUT", prompt, { content: "한 문단으로 짧게 쓰세요." });
  await show("GET", "/admin/system-prompts");

  const query = "모든 서버 분석하고 최적화 리포트 만들어줘";
  const asked = await show("POST", "/api/ai/jobs", { type: "report", query });
  await show("GET", `/api/ai/jobs/${asked.jobId}`);
  await show("GET", "/api/ai/jobs");
  await show("GET", `/api/ai/jobs/${asked.jobId}/logs`);
  await show("DELETE", `/api/ai/jobs/${asked.jobId}`);

  const image = (fields?: Record<string, string>) => form("a.png", "image/png", png, fields);
  const task = await show("POST", "/background/analyze-image", image({ detail: "high" }));
  await show("POST", "/background/analyze-images", image());
  const notImage = form("memo.txt", "text/plain", "글");
  await showRefusal("unsupported_file_type", "POST", "/background/analyze-image", notImage);
  await show("POST", "/background/extract-tables", image());
  await show("GET", `/background/task-status/${task.task_id}`);
  await show("GET", "/background/all-tasks?limit=1");
  await showRefusal("task_not_found", "GET", "/background/task-status/none");
  await show("DELETE", `/background/cancel-task/${task.task_id}`);
  const seenImage = (await call("POST", "/background/analyze-image", image())).body.task_id;
  await run(String(seenImage), {
    type: "completed",
    output: resultOf("image-analysis", described),
  });
  await show("GET", `/background/results/${seenImage}`);
  await show("POST", "/background/cleanup?max_age_hours=2");

  const made = await show(
    "POST",
    "/api/v1/documents/upload",
    form("report.md", "text/markdown", "# 보고서\n봄이 오면", { container_id: "7" }),
  );
  await show("GET", `/api/v1/documents/${made.document_id}/status`);
  await show("GET", "/api/v1/documents");
  await show("GET", `/api/v1/documents/${made.document_id}`);
  const chunks = `/api/v1/documents/${made.document_id}/chunks`;
  await completeDocument(Number(made.document_id));
  await show("GET", chunks);
  await showRefusal("invalid_field", "GET", `${chunks}?limit=0`);
  await show("DELETE", `/api/v1/documents/${made.document_id}`);
  await showRefusal("document_not_found", "DELETE", `/api/v1/documents/${made.document_id}`);

  const sorted = Object.fromEntries(Object.entries(examples).sort(([a], [b]) => (a < b ? -1 : 1)));
  const text = JSON.stringify(JSON.parse(settled(JSON.stringify(sorted))), null, 2);
  await expect(`${text}\n`).toMatchFileSnapshot("examples.json");
});
