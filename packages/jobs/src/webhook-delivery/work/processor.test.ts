import { GiveUp, RetryableError } from "@ilgam/contracts";
import { createPool, finishBatches, newId, submitAll } from "@ilgam/db";
import { atFileEnd, createTestDatabase } from "@ilgam/testing";
import type { WebhookAnswer } from "@ilgam/upstream";
import { RefusedAddress, UpstreamError } from "@ilgam/upstream";
import { expect, test } from "vitest";
import { waitFactors } from "../contract.ts";
import { createWebhookDeliveryProcessor } from "./processor.ts";

const database = await createTestDatabase();
const sql = createPool({ url: database.url, size: 2 });
atFileEnd("pool", () => sql.close());

type Sent = { url: string; id: string; body: string; secrets: string[] };
const url = "https://receiver.test/hook";

/** Delivers once, to a receiver that answers so. */
async function deliver(
  deliveryId: string,
  answer: Partial<WebhookAnswer> | Error = {},
  { attempt = 1, tenantId = "tenant" } = {},
) {
  const sent: Sent[] = [];
  const process = createWebhookDeliveryProcessor({
    sql,
    env: { WEBHOOK_DELIVERY_RETRY_MS: "1000" },
    webhooks: {
      send: async (call) => {
        sent.push(call);
        if (answer instanceof Error) throw answer;
        return { status: 200, retryAfterMs: undefined, text: "", ...answer };
      },
    },
  });
  const end = await process({
    payload: { deliveryId },
    job: { id: newId(), tenantId, run: 1, attempt, maxAttempts: 10 },
    idempotencyKey: "job:1:1",
    signal: new AbortController().signal,
    progress: () => undefined,
    log: async () => undefined,
    step: (_name, work) => work(),
    spend: () => undefined,
  }).catch((error: unknown) => error);
  return { end, sent, message: sent[0] && JSON.parse(sent[0].body) };
}

/** An ended job with a webhook; returns the ids of both. */
async function endedJob(status: "completed" | "failed", output: unknown = { text: "봄" }) {
  const [jobId, id] = [newId(), newId()];
  await database.query(
    `INSERT INTO jobs (id, tenant_id, kind, queue, status, priority, virtual_start, max_attempts,
       run_at, check_at, finished_at, error, metadata)
     VALUES ($1, 'tenant', 'k', 'k', $2, 'normal', 0, 1, now(), now(), now(), $3, '{"order": 7}')`,
    [jobId, status, status === "failed" ? { code: "timeout", message: "too long" } : null],
  );
  if (status === "completed") {
    await database.query(
      "INSERT INTO job_results (job_id, run, epoch, output) VALUES ($1, 1, 1, $2)",
      [jobId, JSON.stringify(output)],
    );
  }
  await insertWebhook(id, jobId, `job.${status}`);
  return { jobId, id };
}

function insertWebhook(id: string, subjectId: string, event: string) {
  return database.query(
    `INSERT INTO webhook_deliveries (id, tenant_id, endpoint, subject_id, run, event)
     VALUES ($1, 'tenant', $2, $3, 1, $4)`,
    [id, url, subjectId, event],
  );
}

const log = (id: string) =>
  database.query("SELECT attempt, status, error FROM webhook_attempts WHERE delivery_id = $1", [
    id,
  ]);

test("a completed job's result is told, signed with the tenant's own secret", async () => {
  const { jobId, id } = await endedJob("completed");
  const { end, sent, message } = await deliver(id);
  expect(end).toEqual({ sent: true, status: 200 });
  expect(sent).toMatchObject([
    { url, id: `msg_${id}`, secrets: [expect.stringMatching(/^whsec_/)] },
  ]);
  expect(message).toMatchObject({
    type: "job.completed",
    data: { id: jobId, run: 1, status: "completed", result: { text: "봄" }, error: null },
  });
  expect(message.data.metadata).toEqual({ order: 7 });
  expect(await log(id)).toEqual([{ attempt: 1, status: 200, error: null }]);
});

test("a failed job's reason is a sentence, and a huge result is a link", async () => {
  const failed = await deliver((await endedJob("failed")).id);
  expect(failed.message.data).toMatchObject({ result: null, error: { code: "timeout" } });
  expect(failed.message.data.error.message).toContain("제한 시간");
  const { id, jobId } = await endedJob("completed", { text: "x".repeat(300_000) });
  const { message } = await deliver(id);
  expect(message.data).toMatchObject({
    result: null,
    resultUrl: `/v1/jobs/${jobId}/result?run=1`,
  });
});

test("of a job that was run again, the run that ended is told", async () => {
  const { id, jobId } = await endedJob("failed");
  await database.query(
    `INSERT INTO job_events (job_id, run, type, data)
     VALUES ($1, 1, 'state', '{"status":"failed","error":{"code":"gave_up","message":"안 됨"}}')`,
    [jobId],
  );
  await database.query("UPDATE jobs SET run = 2, status = 'queued', error = NULL WHERE id = $1", [
    jobId,
  ]);
  const { message } = await deliver(id);
  expect(message.data).toMatchObject({ run: 1, status: "failed", error: { message: "안 됨" } });
});

test("a batch is told once, with its counts, and its jobs are not", async () => {
  const [batchId, other] = [newId(), newId()];
  const job = {
    ...{ tenantId: "tenant", kind: "k", queue: "k", priority: "normal" as const, input: {} },
    ...{ virtualStart: 0, parked: false, maxAttempts: 1, batchId },
  };
  await submitAll(sql, [
    {
      subjectId: batchId,
      jobs: [
        { ...job, id: newId(), position: 0 },
        { ...job, id: other, position: 1 },
      ],
      batch: {
        ...{ id: batchId, publicId: "b", tenantId: "tenant", kind: "k", total: 2 },
        callbackUrl: url,
      },
    },
  ]);
  await database.query("UPDATE jobs SET status = 'completed' WHERE batch_id = $1", [batchId]);
  await database.query("UPDATE jobs SET status = 'failed' WHERE id = $1", [other]);
  await finishBatches(sql, [batchId]);
  const hooks = await database.query<{ id: string }>(
    "SELECT id FROM webhook_deliveries WHERE subject_id = $1 OR subject_id = $2",
    [batchId, other],
  );
  expect(hooks).toHaveLength(1);
  const { message } = await deliver(hooks[0]?.id ?? "");
  expect(message).toMatchObject({
    type: "batch.finished",
    data: { id: batchId, publicId: "b", total: 2, counts: { completed: 1, failed: 1 } },
  });
});

test("the waits are those of the schedule, and Retry-After makes one longer", async () => {
  const { id } = await endedJob("completed");
  for (const [index, factor] of waitFactors.entries()) {
    const { end } = await deliver(id, { status: 500 }, { attempt: index + 1 });
    expect(end).toBeInstanceOf(RetryableError);
    const { delayMs } = end as RetryableError;
    expect(delayMs).toBeGreaterThanOrEqual(1_000 * factor);
    expect(delayMs).toBeLessThanOrEqual(1_100 * factor);
  }
  const { end } = await deliver(id, { status: 429, retryAfterMs: 90_000 });
  expect(end).toMatchObject({ delayMs: 90_000, code: "receiver_refused" });
  const reset = await deliver(id, new UpstreamError("network", "끊김"));
  expect(reset.end).toMatchObject({ code: "network", message: "끊김" });
  expect(await log(id)).toHaveLength(waitFactors.length + 2);
});

test("410 and a refused address end the delivery for good", async () => {
  const { id } = await endedJob("completed");
  const gone = await deliver(id, { status: 410 });
  expect(gone.end).toBeInstanceOf(GiveUp);
  const refused = await deliver(id, new RefusedAddress("10.0.0.1"));
  expect(refused.end).toBeInstanceOf(GiveUp);
  expect(refused.end).toMatchObject({ code: "address_refused" });
});

test("another tenant's webhook and one whose job is gone send nothing", async () => {
  const { id, jobId } = await endedJob("completed");
  const foreign = await deliver(id, {}, { tenantId: "other" });
  expect(foreign).toMatchObject({ end: { sent: false }, sent: [] });
  await database.query("DELETE FROM jobs WHERE id = $1", [jobId]);
  expect(await deliver(id)).toMatchObject({ end: { code: "subject_gone" }, sent: [] });
});
