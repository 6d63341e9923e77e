import { newId, type Spending } from "@ilgam/db";
import { createTestDatabase, createTestRedis } from "@ilgam/testing";
import { beforeAll, expect, test } from "vitest";
import { createTestApi } from "../fixtures/test-api.ts";

const services = {
  databaseUrl: (await createTestDatabase()).url,
  redisUrl: (await createTestRedis()).url,
};
const { call, submit, claim, db } = await createTestApi({}, {}, services);
const inUtc = await createTestApi({ USAGE_TIME_ZONE: "UTC" }, {}, services);
const key = { AUTH_MODE: "required", ADMIN_API_KEY: "a-key-of-the-operator" };
const guarded = await createTestApi(key, {}, services);

const priced = (tokens: number, cost: number, model = "m"): Spending => ({
  ...{ model, tokens, unpricedTokens: 0, cost },
});
const unpriced = (tokens: number): Spending => ({
  ...{ model: "own", tokens, unpricedTokens: tokens, cost: 0 },
});
const completed = { type: "completed", output: { text: "x" } } as const;
const again = { type: "retry", error: { code: "x", message: "x" }, delayMs: 0 } as const;

async function spend(id: string, spent: Spending[], outcome: typeof completed | typeof again) {
  const { epoch } = await claim(id);
  const calls = spent.map((one) => ({ ...one, id: newId(), jobId: id, epoch }));
  expect((await db.settle({ id, epoch, outcome, spent, calls })).status).toBe("settled");
}

const by = async (query: string) => (await call("GET", `/v1/stats/usage?by=${query}`)).body;
let job: string;
let other: string;
let batch: { id: string; publicId: string };

beforeAll(async () => {
  job = await submit({ tags: ["demo", "set:A", "set:B"] });
  await spend(job, [priced(10, 0.5)], again);
  await spend(job, [priced(20, 0.25, "big"), unpriced(5)], completed);
  other = await submit({ tags: ["set:C"] });
  await spend(other, [unpriced(40)], completed);
  const { body } = await call("POST", "/v1/jobs/bulk", {
    jobs: [1, 2].map((n) => ({ kind: "echo", input: { text: String(n) } })),
  });
  const jobs = (body.items ?? body.jobs ?? []) as { job?: { id: string }; id?: string }[];
  const ids = jobs.map((one) => one.job?.id ?? one.id ?? "");
  batch = { id: newId(), publicId: "batch_1" };
  await db.sql.query(
    `INSERT INTO batches (id, public_id, tenant_id, kind, total) VALUES ($1, $2, 'public', 'echo', 2)`,
    [batch.id, batch.publicId],
  );
  await db.sql.query("UPDATE jobs SET batch_id = $1 WHERE id = ANY($2)", [batch.id, ids]);
  for (const id of ids) await spend(id, [priced(100, 2)], completed);
});

test("a job shows what all its attempts spent, and which of it has no price", async () => {
  const usage = { tokens: 35, unpricedTokens: 5, costUsd: 0.75 };
  expect((await call("GET", `/v1/jobs/${job}`)).body.usage).toEqual(usage);
  const listed = (await call("GET", "/v1/jobs?limit=100")).body.jobs as { id: string }[];
  expect(listed.find(({ id }) => id === job)).toMatchObject({ usage });
  const { body } = await call("GET", `/v1/jobs/${job}/attempts`);
  expect(body.attempts).toMatchObject([
    { tokens: 10, unpricedTokens: 0, cost: 0.5, models: ["m"] },
    { tokens: 25, unpricedTokens: 5, cost: 0.25, models: ["big", "own"] },
  ]);
});

test("what has no price at all costs null, not 0", async () => {
  const { body } = await call("GET", `/v1/jobs/${other}`);
  expect(body.usage).toEqual({ tokens: 40, unpricedTokens: 40, costUsd: null });
  const attempts = await call("GET", `/v1/jobs/${other}/attempts`);
  expect(attempts.body.attempts).toMatchObject([{ tokens: 40, unpricedTokens: 40, cost: null }]);
  const fresh = await call("POST", "/v1/jobs", { kind: "echo", input: { text: "x" } });
  expect(fresh.body.usage).toEqual({ tokens: 0, unpricedTokens: 0, costUsd: 0 });
});

test("a batch shows what its jobs spent", async () => {
  const usage = { tokens: 200, unpricedTokens: 0, costUsd: 4 };
  expect((await call("GET", `/v1/batches/${batch.id}`)).body.usage).toEqual(usage);
  expect((await call("GET", "/v1/batches")).body.batches).toMatchObject([{ usage }]);
});

test("usage is added up by set, the first of a job's, and by kind and model", async () => {
  expect((await by("set")).rows).toEqual([
    { key: "A", tenant: "public", attempts: 2, tokens: 35, unpricedTokens: 5, costUsd: 0.75 },
    { key: "C", tenant: "public", attempts: 1, tokens: 40, unpricedTokens: 40, costUsd: null },
  ]);
  const kinds = await by("kind");
  const total = { tokens: 275, unpricedTokens: 45, costUsd: 4.75 };
  expect(kinds.rows).toEqual([{ key: "echo", attempts: 5, ...total }]);
  expect(kinds.total).toEqual(total);
  expect((await by("model")).rows).toMatchObject([
    { key: "m", tokens: 210, costUsd: 4.5 },
    { key: "big", tokens: 20, costUsd: 0.25 },
    { key: "own", tokens: 45, unpricedTokens: 45, costUsd: null },
  ]);
});

test("usage is added up by batch and by job, the most expensive first, open jobs too", async () => {
  expect((await by("batch")).rows).toEqual([
    { key: "batch_1", tenant: "public", kind: "echo", tokens: 200, unpricedTokens: 0, costUsd: 4 },
  ]);
  const open = await submit();
  await spend(open, [priced(1, 9)], again);
  const jobs = (await by("job&limit=2")).rows as object[];
  expect(jobs).toMatchObject([{ key: open, costUsd: 9 }, { costUsd: 2 }]);
});

test("a day is one of its zone, and only the days asked for are added up", async () => {
  // 20:30 UTC on the 1st is 05:30 on the 2nd in Seoul.
  await db.sql.query(
    `INSERT INTO usage_hours (hour, tenant_id, kind, shard, attempts, tokens, cost)
     VALUES ('2026-03-01T14:00Z', 't', 'k', 0, 1, 1, 1), ('2026-03-01T15:00Z', 't', 'k', 0, 1, 10, 1),
       ('2026-03-02T14:00Z', 't', 'k', 3, 2, 100, 1), ('2026-03-02T15:00Z', 't', 'k', 0, 1, 1000, 1)`,
  );
  const days = await by("day&from=2026-03-02&to=2026-03-02");
  expect(days).toMatchObject({
    ...{ timeZone: "Asia/Seoul", from: "2026-03-02", to: "2026-03-02", total: { tokens: 110 } },
    rows: [{ key: "2026-03-02", attempts: 3, tokens: 110, costUsd: 2 }],
  });
  const { body } = await inUtc.call("GET", "/v1/stats/usage?by=day&from=2026-03-01&to=2026-03-01");
  expect(body.rows).toMatchObject([{ key: "2026-03-01", tokens: 11 }]);
});

test("the statistics hold today, the last 30 days and the most expensive", async () => {
  const { body } = await call("GET", "/v1/stats");
  const usage = body.usage as Record<string, unknown>;
  const today = { tokens: expect.any(Number), unpricedTokens: 45 };
  expect(usage).toMatchObject({
    ...{ timeZone: "Asia/Seoul", today, total: today, kinds: [{ key: "echo" }] },
    days: [{ key: usage.to }],
    sets: [{ key: "A" }, { key: "C" }],
    batches: [{ key: "batch_1" }],
  });
});

test.each([
  ["week", "by"],
  ["day&from=yesterday", "from"],
  ["day&from=2026-03-02&to=2026-03-01", "from"],
  ["day&from=2024-01-01&to=2026-03-01", "from"],
  ["job&from=2026-01-01&to=2026-03-01", "from"],
  ["day&limit=0", "limit"],
])("asked by %s, it is refused and names %s", async (query, path) => {
  const { status, body } = await call("GET", `/v1/stats/usage?by=${query}&lang=en`);
  expect({ status, code: body.code }).toEqual({ status: 422, code: "invalid_field" });
  expect(body.errors).toMatchObject([{ path }]);
});

test("only operators read it", async () => {
  expect((await guarded.call("GET", "/v1/stats/usage?by=day")).status).toBe(401);
});
