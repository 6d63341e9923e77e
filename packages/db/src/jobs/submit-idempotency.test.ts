import { createTestDatabase, waitFor } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { newJob, someoneWaits } from "../fixtures/jobs.ts";
import { createDatabase, type Submission, submitAll } from "../index.ts";

const database = await createTestDatabase();
const db = createDatabase({ url: database.url, size: 4 });
const other = createDatabase({ url: database.url, size: 4 });
afterAll(() => Promise.all([db.close(), other.close()]));

function keyed(key: string, claim: { hash?: string; tenantId?: string; route?: string } = {}) {
  const job = newJob();
  const { hash = "h", tenantId = "tenant", route = "/v1/jobs" } = claim;
  const idempotency = { tenantId, route, key, hash, response: { id: job.id }, ttlMs: 60_000 };
  return { subjectId: job.id, jobs: [job], idempotency } satisfies Submission;
}

const jobsAmong = (submissions: Submission[]) =>
  database.query<{ id: string }>("SELECT id FROM jobs WHERE id = ANY($1)", [
    submissions.map((one) => one.subjectId),
  ]);

test("the same key and content get the first answer and make no second job", async () => {
  const first = keyed("again");
  const second = keyed("again");
  const accepted = await db.submit(first);
  expect(accepted.status).toBe("accepted");
  expect(await db.submit(second)).toEqual({
    ...{ status: "replayed", response: { id: first.subjectId }, subjectId: first.subjectId },
    at: expect.any(Date),
  });
  expect(await jobsAmong([first, second])).toEqual([{ id: first.subjectId }]);
});

test("the same key with other content is a conflict and makes no job", async () => {
  const first = keyed("content");
  const second = keyed("content", { hash: "other" });
  await db.submit(first);
  expect(await db.submit(second)).toEqual({ status: "conflict" });
  expect(await jobsAmong([second])).toEqual([]);
});

test("keys are apart by tenant and by route", async () => {
  await db.submit(keyed("apart"));
  expect((await db.submit(keyed("apart", { tenantId: "other" }))).status).toBe("accepted");
  expect((await db.submit(keyed("apart", { route: "/v1/jobs/bulk" }))).status).toBe("accepted");
});

test("one key 50 times in parallel over two processes' pools makes one job and one answer", async () => {
  const submissions = Array.from({ length: 50 }, () => keyed("parallel"));
  const outcomes = await Promise.all(
    submissions.map((one, index) => (index % 2 ? db : other).submit(one)),
  );
  const [made] = await jobsAmong(submissions);
  expect(await jobsAmong(submissions)).toHaveLength(1);
  expect(outcomes.filter((one) => one.status === "accepted")).toHaveLength(1);
  const replayed = outcomes.filter((one) => one.status === "replayed");
  expect(replayed).toHaveLength(49);
  expect(new Set(replayed.map((one) => one.subjectId))).toEqual(new Set([made?.id]));
});

test("a key whose first submission is still in the air is answered by it once it commits", async () => {
  const first = keyed("air");
  let repeated: ReturnType<typeof db.submit> | undefined;
  await other.sql.transaction(async (tx) => {
    await submitAll(tx, [first]);
    repeated = db.submit(keyed("air"));
    await waitFor(() => someoneWaits(database), { what: "the second one to wait" });
  });
  expect(await repeated).toMatchObject({ status: "replayed", subjectId: first.subjectId });
});

test("a key whose first submission was rolled back is free", async () => {
  const second = keyed("rolled back");
  let repeated: ReturnType<typeof db.submit> | undefined;
  const failing = other.sql.transaction(async (tx) => {
    await submitAll(tx, [keyed("rolled back")]);
    repeated = db.submit(second);
    await waitFor(() => someoneWaits(database), { what: "the second one to wait" });
    throw new Error("the process died");
  });
  await expect(failing).rejects.toThrow("the process died");
  expect((await repeated)?.status).toBe("accepted");
  expect(await jobsAmong([second])).toHaveLength(1);
});

test("an expired key is taken anew, by one of those who ask at once", async () => {
  const first = keyed("expired");
  await db.submit(first);
  await database.query(
    "UPDATE idempotency_keys SET expires_at = now() - interval '1 s' WHERE key = 'expired'",
  );
  const next = Array.from({ length: 10 }, () => keyed("expired", { hash: "new" }));
  const outcomes = await Promise.all(
    next.map((one, index) => (index % 2 ? db : other).submit(one)),
  );
  expect(outcomes.filter((one) => one.status === "accepted")).toHaveLength(1);
  expect(outcomes.filter((one) => one.status === "replayed")).toHaveLength(9);
  expect(await jobsAmong([first, ...next])).toHaveLength(2);
});
