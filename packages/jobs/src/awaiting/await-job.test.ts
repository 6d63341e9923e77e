import { createDatabase, newId, Unavailable } from "@ilgam/db";
import { createTestDatabase, waitFor } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { createAwaitJob } from "./await-job.ts";

const database = await createTestDatabase();
const db = createDatabase({ url: database.url });
afterAll(() => db.close());
const awaitJob = createAwaitJob(db.sql, () => false);
const signal = new AbortController().signal;

async function submit(runAt?: string): Promise<string> {
  const id = newId();
  await db.submit({
    subjectId: id,
    jobs: [
      {
        ...{ id, tenantId: "public", kind: "k", queue: "k", priority: "normal", virtualStart: 1 },
        ...{ parked: false, maxAttempts: 1, input: {}, runAt },
      },
    ],
  });
  return id;
}

async function settle(id: string, output: unknown): Promise<void> {
  const claim = await db.claim({ id, workerId: newId(), token: newId() });
  if (claim.status !== "claimed") throw new Error(claim.status);
  await db.settle({ id, epoch: claim.job.epoch, outcome: { type: "completed", output } });
}

const wait = (jobId: string, patienceMs = 20_000, tenantId = "public") =>
  awaitJob({ tenantId, jobId, patienceMs, signal });

test("a job's end is told with its output, to everybody who waits for it", async () => {
  const [id, other] = [await submit(), await submit()];
  const seen = [wait(id), wait(id), wait(other)];
  await settle(other, { n: 2 });
  await settle(id, { n: 1 });
  const ends = await Promise.all(seen);
  expect(ends.map((end) => end?.status)).toEqual(Array(3).fill("completed"));
  expect(ends.map((end) => end?.output)).toEqual([{ n: 1 }, { n: 1 }, { n: 2 }]);
});

test("a patience that ends is answered with the job as it stands", async () => {
  expect(await wait(await submit(), 50)).toMatchObject({ status: "queued", output: null });
});

test("a job that is snoozed for longer than the patience is not waited for", async () => {
  const id = await submit(new Date(Date.now() + 3_600_000).toISOString());
  // Were it waited for, this test would never end.
  expect((await wait(id, 3_000_000))?.dueInMs).toBeGreaterThan(3_500_000);
});

test("another tenant's job and an unknown one are never seen", async () => {
  const id = await submit();
  await settle(id, {});
  expect(await wait(id, 50, "other")).toBeUndefined();
  expect(await wait(newId(), 50)).toBeUndefined();
});

test("who has gone is no longer waited for, the others still are", async () => {
  const id = await submit();
  const gone = new AbortController();
  const left = awaitJob({
    ...{ tenantId: "public", jobId: id, patienceMs: 20_000, signal: gone.signal },
  });
  const stays = wait(id);
  gone.abort(new Error("gone"));
  await expect(left).rejects.toThrow("gone");
  await settle(id, {});
  expect(await stays).toMatchObject({ status: "completed" });
});

test("any number of waits asks Postgres with one statement at a time, and none when nobody waits", async () => {
  let asked = 0;
  let running = 0;
  let most = 0;
  const counting = createAwaitJob(
    {
      query: async (text, values) => {
        asked += 1;
        running += 1;
        most = Math.max(most, running);
        try {
          return await db.sql.query(text, values);
        } finally {
          running -= 1;
        }
      },
    },
    () => false,
  );
  const ids = await Promise.all(Array.from({ length: 50 }, () => submit()));
  const ends = ids.map((jobId) =>
    counting({ tenantId: "public", jobId, patienceMs: 20_000, signal }),
  );
  for (const id of ids) await settle(id, {});
  await Promise.all(ends);
  expect(most).toBe(1);
  // The look that told the last end was the last: another takes at least one more turn.
  const before = asked;
  await wait(await submit(), 100);
  expect(asked).toBe(before);
});

test("while Postgres is away the wait goes on; any other error ends it", async () => {
  let broken: Error | undefined = new Unavailable("away");
  let asked = 0;
  const shaky = createAwaitJob(
    {
      query: (text, values) => {
        asked += 1;
        return broken ? Promise.reject(broken) : db.sql.query(text, values);
      },
    },
    () => false,
  );
  const id = await submit();
  await settle(id, { back: true });
  const ask = (patienceMs: number) => shaky({ tenantId: "public", jobId: id, patienceMs, signal });
  const end = ask(20_000);
  await waitFor(() => asked > 2, { what: "some looks in vain" });
  expect(await ask(30), "for as long as the patience lasts").toBeUndefined();
  broken = undefined;
  expect(await end).toMatchObject({ output: { back: true } });
  broken = new Error("column x does not exist");
  await expect(ask(20_000)).rejects.toThrow("column x");
});
