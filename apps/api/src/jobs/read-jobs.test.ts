import { newId } from "@ilgam/db";
import { expect, test } from "vitest";
import { createTestApi } from "../fixtures/test-api.ts";

const api = await createTestApi();
const { call, submit, claim, run, db } = api;
const get = (url: string) => call("GET", url);

test("an id that is unknown or no id at all is 404", async () => {
  for (const unknown of [newId(), "x", "%F0%9F%98%80"]) {
    for (const part of ["", "/result", "/events", "/attempts"]) {
      const answer = await get(`/v1/jobs/${unknown}${part}`);
      expect(answer).toMatchObject({ status: 404, body: { code: "job_not_found" } });
    }
  }
});

test("addresses that lead nowhere are 404, broken ones 400 or 422, never 500", async () => {
  expect(await get("/v1/nothing")).toMatchObject({ status: 404, body: { code: "not_found" } });
  expect((await get("/v1/jobs/%zz")).status).toBe(400);
  expect((await get("/v1/jobs?tag=%00")).status).toBe(422);
  expect((await get(`/v1/batches/${"x".repeat(500)}`)).status).toBe(404);
});

test("a job shows its life: progress, end, error and result", async () => {
  const id = await submit();
  expect(await get(`/v1/jobs/${id}/result`)).toMatchObject({
    status: 409,
    body: { code: "result_not_ready" },
  });
  const { epoch } = await claim(id);
  await db.progress({ id, epoch, progress: 40, step: "half" });
  expect((await get(`/v1/jobs/${id}`)).body).toMatchObject({
    status: "processing",
    progress: 40,
    step: "half",
    attempt: 1,
    waitingOn: null,
  });
  const outcome = { type: "completed", output: { text: "done" } } as const;
  const spent = [{ model: "m", tokens: 7, unpricedTokens: 0, cost: 0.25 }];
  await db.settle({ id, epoch, outcome, spent });
  expect((await get(`/v1/jobs/${id}`)).body).toMatchObject({ status: "completed", progress: 100 });
  expect((await get(`/v1/jobs/${id}/result`)).body).toMatchObject({
    jobId: id,
    run: 1,
    output: { text: "done" },
  });
  expect((await get(`/v1/jobs/${id}/attempts`)).body.attempts).toMatchObject([
    { attempt: 1, outcome: "completed", tokens: 7, cost: 0.25, models: ["m"], error: null },
  ]);
});

test("events tell the whole life from the submission on, and pages join without a gap", async () => {
  const id = await submit();
  await run(id, { type: "retry", error: { code: "x", message: "x" }, delayMs: 0 });
  await run(id);
  const all = (await get(`/v1/jobs/${id}/events`)).body.events as { seq: number }[];
  expect(all.map((event) => (event as { data?: { status?: string } }).data?.status)).toEqual([
    "queued",
    "processing",
    "queued",
    "processing",
    "completed",
  ]);
  const paged: unknown[] = [];
  let cursor = "";
  do {
    const { body } = await get(`/v1/jobs/${id}/events?limit=2${cursor && `&cursor=${cursor}`}`);
    paged.push(...(body.events as unknown[]));
    cursor = body.nextCursor === null ? "" : String(body.nextCursor);
  } while (cursor !== "");
  expect(paged).toEqual(all);
  expect((await get(`/v1/jobs/${id}/events?cursor=x`)).status).toBe(422);
});

test("a listing's pages are stable while jobs are inserted", async () => {
  const ids: string[] = [];
  for (let index = 0; index < 5; index += 1) ids.push(await submit({ tags: ["page"] }));
  const first = await get("/v1/jobs?tag=page&limit=2");
  await submit({ tags: ["page"] });
  const second = await get(`/v1/jobs?tag=page&limit=2&cursor=${first.body.nextCursor}`);
  const third = await get(`/v1/jobs?tag=page&limit=2&cursor=${second.body.nextCursor}`);
  const seen = [first, second, third].flatMap((page) => page.body.jobs as { id: string }[]);
  expect(seen.map((job) => job.id)).toEqual(ids.toReversed());
  expect(third.body.nextCursor).toBeNull();
});

test("jobs of one moment are listed each once", async () => {
  const ids = await Promise.all(Array.from({ length: 7 }, () => submit({ tags: ["moment"] })));
  await db.sql.query("UPDATE jobs SET created_at = now() WHERE 'moment' = ANY(tags)");
  const seen: string[] = [];
  let cursor: unknown = "";
  do {
    const { body } = await get(`/v1/jobs?tag=moment&limit=3${cursor && `&cursor=${cursor}`}`);
    seen.push(...(body.jobs as { id: string }[]).map((job) => job.id));
    cursor = body.nextCursor;
  } while (cursor);
  expect(seen.toSorted()).toEqual(ids.toSorted());
  expect(seen).toHaveLength(7);
});

test("a listing filters by kind, status, batch and time, and refuses wrong conditions", async () => {
  const id = await submit({ tags: ["filtered"] });
  await run(id);
  const list = async (query: string) => {
    const { body } = await get(`/v1/jobs?tag=filtered&${query}`);
    return (body.jobs as unknown[]).length;
  };
  expect(await list("kind=echo&status=completed")).toBe(1);
  expect(await list("kind=other")).toBe(0);
  expect(await list("status=failed")).toBe(0);
  expect(await list("batch=unknown")).toBe(0);
  expect(await list("createdAfter=2020-01-01T00:00:00Z")).toBe(1);
  expect(await list("createdBefore=2020-01-01T00:00:00Z")).toBe(0);
  for (const query of ["status=x", "limit=0", "limit=201", "cursor=abc", "createdAfter=now"]) {
    expect((await get(`/v1/jobs?${query}`)).status).toBe(422);
  }
});

test("a queued job says what it waits for", async () => {
  const waitingOn = async (id: string) => (await get(`/v1/jobs/${id}`)).body.waitingOn;
  await db.sql.query("UPDATE jobs SET status = 'cancelled' WHERE status = 'queued'");
  const first = await submit();
  const second = await submit();
  expect(await waitingOn(first)).toMatchObject({ reason: "worker", position: 0 });
  expect(await waitingOn(second)).toMatchObject({
    reason: "position",
    position: 1,
    message: "앞에 1개의 작업이 있습니다.",
  });
  const later = await submit({ delayMs: 50_000 });
  expect(await waitingOn(later)).toMatchObject({ reason: "start_time", position: null });
  await run(first, { type: "retry", error: { code: "x", message: "x" }, delayMs: 50_000 });
  expect(await waitingOn(first)).toMatchObject({ reason: "retry" });
  await run(second, {
    type: "snooze",
    why: "오늘 몫을 다 썼습니다.",
    delayMs: 50_000,
    maxSnoozes: 9,
  });
  expect(await waitingOn(second)).toMatchObject({
    reason: "pace",
    message: "오늘 몫을 다 썼습니다.",
  });
  const third = await submit();
  await call("POST", "/v1/queues/echo/pause");
  expect(await waitingOn(third)).toMatchObject({ reason: "paused_queue" });
  await call("POST", "/v1/queues/echo/resume");
});
