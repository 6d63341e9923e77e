import { createSubmitter } from "@ilgam/queue";
import { expect, test } from "vitest";
import { createTestApi } from "../fixtures/test-api.ts";
import { testKinds } from "../fixtures/test-kinds.ts";
import { resolveKinds } from "../index.ts";

const { call, claim, run, db, dispatcher } = await createTestApi();
const submitter = createSubmitter({ db, dispatcher, kinds: resolveKinds(testKinds, {}) });

async function submitBatch(publicId: string, size: number, tenantId = "public") {
  const jobs = Array.from({ length: size }, () => ({
    input: { text: "a" },
    priority: "normal" as const,
  }));
  const made = await submitter.submit({ tenantId, kind: "echo", jobs, batch: { publicId } });
  if (made.status !== "accepted") throw new Error("not accepted");
  return made;
}

test("a batch is read by its uuid and its public id, with its jobs by status", async () => {
  const { ids, batchId } = await submitBatch("batch_1", 3);
  await run(ids[0] as string);
  await claim(ids[1] as string);
  for (const id of [batchId, "batch_1"]) {
    expect(await call("GET", `/v1/batches/${id}`)).toMatchObject({
      status: 200,
      body: {
        publicId: "batch_1",
        status: "processing",
        total: 3,
        counts: { queued: 1, processing: 1, completed: 1, failed: 0, cancelled: 0 },
      },
    });
  }
  const listed = await call("GET", "/v1/jobs?batch=batch_1");
  expect(listed.body.jobs).toHaveLength(3);
});

test("cancelling a batch ends its queued jobs, asks the running ones and keeps the finished", async () => {
  const { ids } = await submitBatch("batch_2", 3);
  await run(ids[0] as string);
  const { epoch } = await claim(ids[1] as string);
  const answer = await call("POST", "/v1/batches/batch_2/cancel");
  expect(answer).toMatchObject({
    status: 200,
    body: { counts: { completed: 1, processing: 1, cancelled: 1 }, finishedAt: null },
  });
  await db.settle({ id: ids[1] as string, epoch, outcome: { type: "completed", output: {} } });
  expect((await call("GET", "/v1/batches/batch_2")).body).toMatchObject({
    counts: { completed: 1, cancelled: 2 },
  });
});

test("a batch whose last open job is cancelled alone is finished", async () => {
  const { ids } = await submitBatch("batch_3", 2);
  await call("DELETE", `/v1/jobs/${ids[0]}`);
  expect((await call("GET", "/v1/batches/batch_3")).body.finishedAt).toBeNull();
  await call("DELETE", `/v1/jobs/${ids[1]}`);
  expect((await call("GET", "/v1/batches/batch_3")).body).toMatchObject({
    status: "cancelled",
    finishedAt: expect.any(String),
  });
  const again = await call("POST", "/v1/batches/batch_3/cancel");
  expect(again).toMatchObject({ status: 409, body: { code: "already_finished" } });
});

test("batches are listed newest first in stable pages", async () => {
  const first = await call("GET", "/v1/batches?limit=2&kind=echo");
  await submitBatch("batch_4", 1);
  const rest = await call("GET", `/v1/batches?limit=2&cursor=${first.body.nextCursor}`);
  const names = [first, rest].flatMap((page) =>
    (page.body.batches as { publicId: string }[]).map((batch) => batch.publicId),
  );
  expect(names).toEqual(["batch_3", "batch_2", "batch_1"]);
});

test("an unknown batch is 404", async () => {
  for (const id of ["nothing", "00000000-0000-7000-8000-000000000000"]) {
    const answer = await call("GET", `/v1/batches/${id}`);
    expect(answer).toMatchObject({ status: 404, body: { code: "batch_not_found" } });
    expect((await call("POST", `/v1/batches/${id}/cancel`)).status).toBe(404);
  }
});
