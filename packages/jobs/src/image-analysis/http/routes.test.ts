import { expect, test } from "vitest";
import { startAccepting } from "../fixtures/accepting-system.ts";
import { formOf } from "../fixtures/system.ts";

const system = await startAccepting();
const { sample, photo, asOperator } = system;
const [turned, bomb, program] = await Promise.all([
  ...([sample("turned.jpg"), sample("bomb.png"), sample("program.png")] as const),
]);
const nothing = Buffer.alloc(0);

test("an accepted task waits with what was asked, and holds its file", async () => {
  const id = await system.submit({
    prompt: "",
    callback_url: "https://example.com/hook",
    priority: "high",
  });
  expect(await system.statusOf(id)).toEqual({
    ...{ task_id: id, filename: "그림.webp", status: "pending", progress: 0 },
    ...{ prompt: "이 이미지를 분석하고 주요 내용을 설명해주세요.", detail: "auto" },
    ...{ callback_url: "https://example.com/hook", error: null },
    ...{ created_at: expect.any(String), started_at: null, completed_at: null },
  });
  const [job] = await system.database.query<{ priority: string; held: boolean }>(
    `SELECT priority, EXISTS (SELECT 1 FROM files WHERE jobs.id = ANY(job_ids)) AS held
     FROM jobs WHERE id = $1`,
    [id],
  );
  expect(job).toEqual({ priority: "high", held: true });
});

test("a repetition gets the first answer and leaves no second file; other content is a conflict", async () => {
  const keyed = { "idempotency-key": "order-1" };
  const first = await system.analyze(formOf([[photo, "a.webp"]]), keyed);
  const again = await system.analyze(formOf([[photo, "a.webp"]]), keyed);
  expect([again.status, again.body]).toEqual([202, first.body]);
  const other = await system.analyze(formOf([[turned, "a.webp"]]), keyed);
  expect([other.status, other.body.code]).toEqual([409, "idempotency_conflict"]);
  expect(await system.idsOf()).toEqual([first.body.task_id]);
  expect(await system.fileRows()).toHaveLength(1);
});

test("of many images the bad ones are reported beside the tasks of the good ones", async () => {
  const form = formOf(
    [
      ...([
        [photo, "1.webp"],
        [bomb, "2.png"],
        [program, "3.png"],
      ] as const),
      ...([
        [turned, "4.jpg"],
        [nothing, "5.png"],
      ] as const),
    ],
    { prompt: "무엇?" },
  );
  const { status, body } = await system.call("POST", "/background/analyze-images", { body: form });
  expect(status).toBe(202);
  const [one, two, three, four, five] = body.tasks;
  for (const task of [one, four]) {
    expect(task.check_status_url).toBe(`/background/task-status/${task.task_id}`);
    expect(await system.statusOf(task.task_id)).toMatchObject({
      prompt: "무엇?",
      status: "pending",
    });
  }
  expect([one.filename, four.filename]).toEqual(["1.webp", "4.jpg"]);
  expect(two).toEqual({ filename: "2.png", error: expect.stringContaining("픽셀") });
  expect(three).toEqual({ filename: "3.png", error: expect.stringContaining("형식") });
  expect(five).toEqual({ filename: "5.png", error: "파일이 비어 있습니다." });
  const batch = await system.call("GET", `/v1/batches/${body.batch_id}`, { headers: asOperator });
  expect(batch.body).toMatchObject({ total: 2 });
  expect(await system.fileRows()).toHaveLength(2);
});

test("many images of which none is good are refused, each with its reason", async () => {
  const form = formOf([
    [bomb, "1.png"],
    [program, "2.png"],
  ]);
  const { status, body } = await system.call("POST", "/background/analyze-images", { body: form });
  expect([status, body.details.map(({ path }: { path: string }) => path)]).toEqual([
    422,
    ["file.0", "file.1"],
  ]);
  const many = formOf(Array(51).fill([photo, "a.webp"]));
  const tooMany = await system.call("POST", "/background/analyze-images", { body: many });
  expect(tooMany.status).toBe(422);
  expect(await system.idsOf()).toEqual([]);
  expect(await system.fileRows()).toEqual([]);
});

test("all tasks are listed newest first, whole or page by page, each tenant its own", async () => {
  const ids: string[] = [];
  for (const number of [1, 2, 3]) ids.unshift(await system.submit({ prompt: `${number}` }));
  const foreign = await system.submit({}, asOperator);
  expect(await system.idsOf()).toEqual(ids);
  expect(await system.idsOf("", asOperator)).toEqual([foreign]);
  const first = await system.call("GET", "/background/all-tasks?limit=2");
  expect(first.body).toMatchObject({ total_count: 3, tasks: { length: 2 } });
  expect(await system.idsOf(`?limit=2&cursor=${first.body.next_cursor}`)).toEqual([ids[2]]);
  for (const query of ["?limit=0", "?limit=1001", "?limit=", "?cursor=odd"]) {
    expect((await system.call("GET", `/background/all-tasks${query}`)).status).toBe(422);
  }
});

test("another tenant's task is not there: not its status, its result or its cancellation", async () => {
  const id = await system.submit({}, asOperator);
  await system.end(id, 0);
  for (const [method, path] of [
    ["GET", "task-status"],
    ["GET", "results"],
    ["DELETE", "cancel-task"],
  ] as const) {
    const { status, body } = await system.call(method, `/background/${path}/${id}`);
    expect([status, body.code]).toEqual([404, "task_not_found"]);
  }
  await system.call("POST", "/background/cleanup?max_age_hours=0");
  expect(await system.idsOf("", asOperator)).toEqual([id]);
});

test.each(["nope", "550e8400-e29b-41d4-a716-446655440000", "%27%3B--"])(
  "there is no task %s",
  async (id) => {
    expect((await system.call("GET", `/background/task-status/${id}`)).status).toBe(404);
    expect((await system.call("DELETE", `/background/cancel-task/${id}`)).status).toBe(404);
  },
);

test("a task that waits ends at once when it is cancelled, and only once", async () => {
  const id = await system.submit();
  expect((await system.call("DELETE", `/background/cancel-task/${id}`)).status).toBe(200);
  expect(await system.statusOf(id)).toMatchObject({
    ...{ status: "cancelled", error: "작업이 취소되었습니다" },
  });
  const again = await system.call("DELETE", `/background/cancel-task/${id}?lang=en`);
  expect([again.status, again.body.error]).toEqual([
    409,
    "The job has already finished: cancelled.",
  ]);
});

test("a running task reads as cancelled from the moment its cancel is accepted", async () => {
  const id = await system.submit();
  await system.database.query(
    "UPDATE jobs SET status = 'processing', started_at = now(), progress = 30 WHERE id = $1",
    [id],
  );
  expect(await system.statusOf(id)).toMatchObject({ status: "processing", error: null });
  expect((await system.call("DELETE", `/background/cancel-task/${id}`)).status).toBe(200);
  expect(await system.statusOf(id)).toMatchObject({
    ...{ status: "cancelled", error: "작업이 취소되었습니다", progress: 30, completed_at: null },
  });
});

test("a task that waits for another try shows neither a failure nor its error", async () => {
  const id = await system.submit();
  const fail = (status: string) =>
    system.database.query("UPDATE jobs SET status = $2, error = $3 WHERE id = $1", [
      ...[id, status, JSON.stringify({ code: "x", message: "가".repeat(600) })],
    ]);
  await fail("queued");
  expect(await system.statusOf(id)).toMatchObject({ status: "pending", error: null });
  await fail("failed");
  expect(await system.statusOf(id)).toMatchObject({ status: "failed", error: "가".repeat(500) });
});
