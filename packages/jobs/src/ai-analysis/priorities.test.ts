import { waitFor } from "@ilgam/testing";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { type Stand, startStand } from "./fixtures/stand.ts";

/* Nothing runs until the worker starts, so that the order is that of a queue that stands. */
let stand: Stand;
let worker: Awaited<ReturnType<Stand["startWorker"]>> | undefined;
beforeAll(async () => {
  stand = await startStand({ workers: 0 });
}, 60_000);
beforeEach(() => worker?.kill("SIGTERM"));

async function submitAll(count: number, priority: "high" | "low"): Promise<string[]> {
  const one = { kind: "ai-analysis", priority, input: { type: "analysis", query: priority } };
  const { status, body } = await stand.call<{ items: { job: { id: string } }[] }>(
    ...(["POST", "/v1/jobs/bulk", { jobs: Array(count).fill(one) }] as const),
  );
  expect(status).toBe(202);
  return body.items.map((item) => item.job.id);
}

/** The jobs in the order in which they began, once they have all ended. */
async function orderOf(ids: string[], concurrency: number): Promise<string[]> {
  worker = await stand.startWorker({ AI_ANALYSIS_CONCURRENCY: String(concurrency) });
  const ended = async () => {
    const [row] = await stand.database.query<{ open: number }>(
      "SELECT count(*)::int AS open FROM jobs WHERE status IN ('queued', 'processing')",
    );
    return row?.open === 0;
  };
  await waitFor(ended, { what: "every job to end", timeoutMs: 90_000, everyMs: 100 });
  const rows = await stand.database.query<{ id: string }>(
    "SELECT job_id AS id FROM job_attempts WHERE job_id = ANY($1::uuid[]) ORDER BY started_at",
    [ids],
  );
  return rows.map((row) => row.id);
}

test("with 100 low jobs waiting a high one starts next", async () => {
  const low = await submitAll(100, "low");
  const [high = ""] = await submitAll(1, "high");
  const order = await orderOf([...low, high], 1);
  expect(order).toHaveLength(101);
  expect(order.indexOf(high)).toBe(0);
}, 120_000);

test("low jobs go on while more high ones wait than can ever be served first", async () => {
  const low = await submitAll(3, "low");
  const high = await submitAll(700, "high");
  const order = await orderOf([...low, ...high], 4);
  expect(order).toHaveLength(703);
  expect(Math.max(...low.map((id) => order.indexOf(id)))).toBeLessThan(680);
}, 120_000);
