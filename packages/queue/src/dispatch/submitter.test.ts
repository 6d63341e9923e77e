import { ApiError, maxInputBytes } from "@ilgam/contracts";
import { createDatabase } from "@ilgam/db";
import { createTestDatabase, createTestRedis, waitFor } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { scriptedJob } from "../fixtures/scripted-jobs.ts";
import {
  createDispatcher,
  createSubmitter,
  type JobRequest,
  type SubmitRequest,
} from "../index.ts";

const [database, redis] = [await createTestDatabase(), await createTestRedis()];
const db = createDatabase({ url: database.url, size: 4 });
const dispatcher = createDispatcher({
  redis: { mode: "single", url: redis.url },
  db,
  queues: ["scripted"],
});
const policy = {
  ...{ concurrency: 1, globalConcurrency: undefined, limiter: undefined, attempts: 5 },
  ...{ backoff: { baseMs: 1, factor: 1, maxMs: 1 }, timeoutMs: 1 },
};
const kinds = new Map([["scripted", { definition: scriptedJob, policy }]]);
const submitter = createSubmitter({ db, dispatcher, kinds });
afterAll(async () => {
  await dispatcher.close();
  await db.close();
});

const job = (overrides: Partial<JobRequest> = {}): JobRequest => ({
  ...{ input: { script: "x" }, priority: "normal" },
  ...overrides,
});
const request = (overrides: Partial<SubmitRequest> = {}): SubmitRequest => ({
  ...{ tenantId: "tenant", kind: "scripted", jobs: [job()] },
  ...overrides,
});
const keyed = (key: string, content: unknown) =>
  request({
    idempotency: { route: "/v1/jobs", key, content, response: ({ ids }) => ({ ids }) },
  });

test("an accepted job stands in Postgres with its kind's attempts, and soon in Redis", async () => {
  const submitted = await submitter.submit(request());
  const [id] = submitted.status === "accepted" ? submitted.ids : [];
  const rows = await database.query("SELECT kind, queue, max_attempts FROM jobs WHERE id = $1", [
    id,
  ]);
  expect(rows).toEqual([{ kind: "scripted", queue: "scripted", max_attempts: 5 }]);
  await waitFor(async () => (await dispatcher.depths()).get("scripted")?.waiting === 1, {
    what: "it to stand in Redis",
  });
});

test("jobs of mixed priorities in one batch keep their positions and stand in their classes", async () => {
  const priorities = ["low", "high", "normal", "high"] as const;
  const jobs = priorities.map((priority) => job({ priority }));
  const submitted = await submitter.submit(request({ jobs, batch: { publicId: "mixed" } }));
  if (submitted.status !== "accepted") throw new Error("accepted");
  const rows = await database.query<{ id: string; position: number; priority: string }>(
    "SELECT id, position, priority FROM jobs WHERE batch_id = $1 ORDER BY virtual_start, position",
    [submitted.batchId],
  );
  expect(rows.map((row) => [row.position, row.priority])).toEqual([
    ...[
      [1, "high"],
      [3, "high"],
      [2, "normal"],
      [0, "low"],
    ],
  ]);
  expect(submitted.ids).toEqual(rows.toSorted((a, b) => a.position - b.position).map((r) => r.id));
});

test("the same content in another order of fields is the same; other content is a conflict", async () => {
  const first = await submitter.submit(keyed("key", { a: 1, b: { c: [1, 2], d: null } }));
  const again = await submitter.submit(keyed("key", { b: { d: null, c: [1, 2] }, a: 1 }));
  if (first.status !== "accepted") throw new Error("accepted");
  expect(again).toMatchObject({ status: "replayed", response: { ids: first.ids } });
  const other = submitter.submit(keyed("key", { a: 1, b: { c: [2, 1], d: null } }));
  await expect(other).rejects.toMatchObject({ code: "idempotency_conflict", statusCode: 409 });
});

test("a replayed submission announces nothing", async () => {
  await submitter.submit(keyed("quiet", 1));
  const [before] = await database.query("SELECT count(*) AS n FROM jobs");
  await submitter.submit(keyed("quiet", 1));
  expect(await database.query("SELECT count(*) AS n FROM jobs")).toEqual([before]);
});

test("an input of more than 256 KB is refused, counted in bytes, and one of exactly that is not", async () => {
  const fits = "가".repeat((maxInputBytes - 2) / 3);
  expect(Buffer.byteLength(JSON.stringify(fits))).toBeLessThanOrEqual(maxInputBytes);
  expect((await submitter.submit(request({ jobs: [job({ input: fits })] }))).status).toBe(
    "accepted",
  );
  const large = request({ jobs: [job(), job({ input: `${fits}가` })], batch: { publicId: "big" } });
  const refused = await submitter.submit(large).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ApiError);
  expect(refused).toMatchObject({ code: "input_too_large", statusCode: 413 });
  expect(await database.query("SELECT 1 FROM batches WHERE public_id = 'big'")).toEqual([]);
});

test("an unknown kind is refused by its name", async () => {
  await expect(submitter.submit(request({ kind: "nope" }))).rejects.toMatchObject({
    ...{ code: "unknown_kind", values: { kind: "nope" } },
  });
});

test("a job of next week waits in Postgres, not in Redis", async () => {
  const idOf = async (delayMs: number) => {
    const submitted = await submitter.submit(request({ jobs: [job({ delayMs })] }));
    return submitted.status === "accepted" ? submitted.ids[0] : undefined;
  };
  const exists = async (id?: string) =>
    (await redis.command("EXISTS", `{ilgam-scripted}:scripted:${id}-0`)) === 1;
  const far = await idOf(7 * 86_400_000);
  const near = await idOf(5_000);
  await waitFor(() => exists(near), { what: "the near one to stand in Redis" });
  expect(await exists(far)).toBe(false);
});
