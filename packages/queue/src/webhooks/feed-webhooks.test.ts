import { defineJob, resolvePolicy } from "@ilgam/contracts";
import { createDatabase, newId } from "@ilgam/db";
import { atFileEnd, createTestDatabase, createTestRedis } from "@ilgam/testing";
import { expect, test } from "vitest";
import { z } from "zod";
import { createDispatcher } from "../dispatch/dispatcher.ts";
import { createSubmitter } from "../dispatch/submitter.ts";
import { createWebhookFeeder } from "./feed-webhooks.ts";

const definition = defineJob({
  ...{ kind: "teller", summary: "Tells.", result: z.unknown() },
  payload: z.strictObject({ deliveryId: z.uuid() }),
  ...{ queue: { concurrency: 1 }, attempts: 1, backoff: { baseMs: 1 }, timeoutMs: 1_000 },
  delivers: "webhooks",
  examples: { valid: [], invalid: [] },
});
const [database, redis] = await Promise.all([createTestDatabase(), createTestRedis()]);
const db = createDatabase({ url: database.url, size: 4 });
const dispatcher = createDispatcher({
  ...{ redis: { mode: "single" as const, url: redis.url }, db, queues: [definition.kind] },
});
const kinds = new Map([[definition.kind, { definition, policy: resolvePolicy(definition, {}) }]]);
const submitter = createSubmitter({ db, dispatcher, kinds });
atFileEnd("engine", async () => {
  await dispatcher.close();
  await db.close();
});

async function insertWebhooks(count: number, tenantId: string): Promise<void> {
  await database.query(
    `INSERT INTO webhook_deliveries (id, tenant_id, endpoint, subject_id, run, event)
     SELECT gen_random_uuid(), $2, 'https://x.test', $3, n, 'job.completed'
     FROM generate_series(1, $1::int) n`,
    [count, tenantId, newId()],
  );
}

const fed = () =>
  database.query<{ tenant: string; webhooks: number; jobs: number }>(
    `SELECT w.tenant_id AS tenant, count(DISTINCT w.id)::int AS webhooks,
       count(DISTINCT j.id)::int AS jobs
     FROM webhook_deliveries w JOIN job_inputs i ON i.input->>'deliveryId' = w.id::text
     JOIN jobs j ON j.id = i.job_id AND j.tenant_id = w.tenant_id
     GROUP BY w.tenant_id ORDER BY 1`,
  );

test("each webhook gets one job of its tenant, whoever sweeps at the same moment", async () => {
  await insertWebhooks(450, "a");
  await insertWebhooks(3, "b");
  const feeders = [1, 2, 3].map(() =>
    createWebhookFeeder({ db, submitter, definitions: [definition] }),
  );
  await Promise.all(feeders.map((feed) => feed()));
  await feeders[0]?.();
  expect(await fed()).toEqual([
    { tenant: "a", webhooks: 450, jobs: 450 },
    { tenant: "b", webhooks: 3, jobs: 3 },
  ]);
  const rows = await database.query("SELECT 1 FROM jobs");
  expect(rows).toHaveLength(453);
});

test("where no kind delivers, webhooks wait", async () => {
  await insertWebhooks(1, "c");
  await createWebhookFeeder({ db, submitter, definitions: [] })();
  expect((await fed()).map((row) => row.tenant)).not.toContain("c");
});
