import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { writeSampleFiles } from "@ilgam/parsing/fixtures";
import { atFileEnd, temporaryDirectory, waitFor } from "@ilgam/testing";
import { beforeAll, expect, test } from "vitest";
import { formOf, startSystem } from "./fixtures/system.ts";

const system = await startSystem({ LEASE_MS: "60000", WEBHOOK_ALLOW_PRIVATE: "1" });
const samples = await writeSampleFiles(await temporaryDirectory("samples"));
const [image, table, report] = await Promise.all(
  (["photo.webp", "scanned-table.png", "report.pdf"] as const).map((name) =>
    readFile(samples[name]),
  ),
);
beforeAll(async () => {
  await Promise.all([system.startWorker("worker-1"), system.startWorker("worker-2")]);
}, 60_000);

/** As `requests.post(url, files={'file': f}, data={…})` and `curl -F` send it, and no header more. */
async function post(path: string, content: typeof image, data: Record<string, string> = {}) {
  const file = [content as Buffer<ArrayBuffer>, "image.png"] as const;
  return system.call("POST", path, { body: formOf([file], data) });
}

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

test("the document's Python client gets what it reads, down to the result's file", async () => {
  const data = { prompt: "이 이미지의 내용을 자세히 분석해주세요.", detail: "high" };
  const { status, body } = await post("/background/analyze-image", image, data);
  const { task_id } = body;
  expect([status, body]).toEqual([
    202,
    {
      success: true,
      message: "이미지 분석이 백그라운드에서 시작되었습니다.",
      task_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      status: "pending",
      check_status_url: `/background/task-status/${task_id}`,
    },
  ]);
  const done = await system.until(task_id, "completed", "failed", "cancelled");
  expect(done).toEqual({
    ...{ task_id, filename: "image.png", ...data, status: "completed", progress: 100 },
    ...{ created_at: time, started_at: time, completed_at: time },
    ...{ callback_url: null, error: null, result_file: `/background/results/${task_id}` },
    result: {
      ...{ analysis: expect.stringContaining(data.prompt), width: 300, height: 200 },
      ...{ model: "gpt-4o", provider: "sandbox" },
    },
  });
  const file = await system.call("GET", done.result_file);
  expect(file.body).toMatchObject({ task_id, filename: "image.png", result: done.result });
  const all = await system.call("GET", "/background/all-tasks");
  expect(all.body.tasks).toContainEqual(
    expect.objectContaining({ task_id, filename: "image.png", status: "completed", progress: 100 }),
  );
  const cancel = await system.call("DELETE", `/background/cancel-task/${task_id}`);
  expect([cancel.status, cancel.body.code]).toEqual([409, "already_finished"]);
}, 60_000);

test("tables of a picture and of a document of four pages are extracted", async () => {
  for (const [content, pageCount] of [
    [table, 1],
    [report, 4],
  ] as const) {
    const { status, body } = await post("/background/extract-tables", content, {
      model: "gpt-4o-mini",
    });
    expect([status, body.message]).toEqual([202, "표 추출이 백그라운드에서 시작되었습니다."]);
    const done = await system.until(body.task_id, "completed", "failed");
    expect(done).toMatchObject({
      ...{ prompt: null, detail: null, status: "completed" },
      result: { pageCount, model: "gpt-4o-mini", provider: "sandbox" },
    });
    expect(await system.sandbox.callsFor(body.task_id)).toBe(pageCount);
  }
}, 60_000);

test("a cancel ends the vision call on whatever machine it is; the clean-up leaves nothing", async () => {
  await system.sandbox.fault({ match: { contains: "멈추는 그림" }, fault: { type: "hang" } });
  const { body } = await post("/background/analyze-image", image, { prompt: "멈추는 그림" });
  const id: string = body.task_id;
  await waitFor(async () => (await system.sandbox.callsFor(id)) > 0, { what: "the vision call" });
  await waitFor(async () => (await system.statusOf(id)).progress === 30, { what: "the progress" });
  expect(await system.statusOf(id)).toMatchObject({ status: "processing", completed_at: null });
  const tooSoon = await system.call("GET", `/background/results/${id}`);
  expect([tooSoon.status, tooSoon.body.code]).toEqual([409, "result_not_ready"]);

  const cancel = await system.call("DELETE", `/background/cancel-task/${id}`);
  expect([cancel.status, cancel.body]).toEqual([
    200,
    { success: true, message: `작업 '${id}'이(가) 성공적으로 취소되었습니다.` },
  ]);
  // No lease tick comes for 20 s: whoever aborts it was told.
  const call = async () => (await system.sandbox.callsBy(id))[0];
  await waitFor(async () => (await call())?.abortedAt != null, { what: "the abort" });
  expect(await system.until(id, "cancelled")).toMatchObject({ error: "작업이 취소되었습니다" });
  await waitFor(async () => (await system.statusOf(id)).completed_at, { what: "its end" });
  expect(await filesOf(id)).toHaveLength(1);

  await system.database.query("UPDATE jobs SET finished_at = finished_at - interval '25 hours'");
  const before = await system.stored();
  const cleaned = await system.call("POST", "/background/cleanup");
  expect(cleaned.body).toMatchObject({
    success: true,
    message: "24시간 이상 된 완료된 작업들이 정리되었습니다.",
  });
  expect(cleaned.body.removed).toBe(before.length);
  expect(await system.stored()).toEqual([]);
  for (const table of ["jobs", "job_inputs", "job_results", "job_steps", "files"]) {
    const where = table === "jobs" ? "WHERE kind LIKE '%-analysis' OR kind LIKE 'table-%'" : "";
    const from = table.startsWith("job_") ? "WHERE job_id = $1" : where;
    const values = from.includes("$1") ? [id] : [];
    expect(await system.database.query(`SELECT 1 FROM ${table} ${from}`, values)).toEqual([]);
  }
  expect((await system.call("GET", `/background/task-status/${id}`)).status).toBe(404);
}, 60_000);

function filesOf(id: string) {
  return system.database.query("SELECT id FROM files WHERE $1::uuid = ANY(job_ids)", [id]);
}

test("a job under /v1 takes a file of /v1/files, and is a task too", async () => {
  const file = [table as Buffer<ArrayBuffer>, "표.png"] as const;
  const made = await system.call("POST", "/v1/files", { body: formOf([file]) });
  const input = { fileId: made.body.id, prompt: "무엇인가요?" };
  const job = await system.call("POST", "/v1/jobs", {
    body: JSON.stringify({ kind: "image-analysis", input }),
  });
  const done = await system.until(job.body.id, "completed", "failed");
  expect(done).toMatchObject({ filename: "표.png", status: "completed", detail: "auto" });
  expect(await filesOf(job.body.id)).toHaveLength(1);
}, 60_000);

test("the callback is told when a task has ended", async () => {
  const told: { type: string; data: { id: string } }[] = [];
  const receiver = createServer((request, response) => {
    void json(request).then((body) => {
      told.push(body as (typeof told)[number]);
      response.end();
    });
  }).listen(0, "127.0.0.1");
  atFileEnd("receiver", async () => void receiver.close());
  await once(receiver, "listening");
  const callback_url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/done`;
  const { body } = await post("/background/analyze-image", image, { callback_url });
  const done = await system.until(body.task_id, "completed");
  expect(done.callback_url).toBe(callback_url);
  await waitFor(async () => told.length > 0, { what: "the callback" });
  expect(told).toMatchObject([
    { type: "job.completed", data: { id: body.task_id, result: done.result } },
  ]);
}, 60_000);
