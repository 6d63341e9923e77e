import { waitFor } from "@ilgam/testing";
import { expect, test } from "vitest";
import { createTestBoard } from "../fixtures/test-board.ts";

const { callAsOperator, submitUntil } = await createTestBoard();

type Shown = {
  id: string;
  data: unknown;
  attempts: number;
  attemptsStarted?: number;
  failedReason?: string;
  returnValue: { outcome: string; reason?: string } | null;
  stacktrace: string[];
  opts: Record<string, unknown>;
  externalUrl: { href: string };
};

/** The deliveries of a job that stand in a list of the board, the first first. */
async function shown(id: string, status: string): Promise<Shown[]> {
  const query = `activeQueue=echo&status=${status}&page=1&jobsPerPage=100`;
  const { body } = await callAsOperator("GET", `/admin/queues/api/queues?${query}`);
  const queues = body.queues as { name: string; jobs: Shown[] }[];
  const jobs = queues.find(({ name }) => name === "echo")?.jobs ?? [];
  return jobs.filter((job) => job.id.startsWith(id)).toSorted((a, b) => a.attempts - b.attempts);
}

const isDropped = ({ returnValue }: Shown) => returnValue?.outcome === "dropped";

/**
 * The same without those dropped (the sweeper may have fed the job twice), as soon as there are so
 * many: BullMQ is told after Postgres.
 */
async function over(id: string, status: "completed" | "failed", count: number): Promise<Shown[]> {
  const found: Shown[] = [];
  const enough = async () => {
    const begun = (await shown(id, status)).filter((delivery) => !isDropped(delivery));
    found.splice(0, found.length, ...begun);
    return found.length === count;
  };
  await waitFor(enough, { what: `${count} ${status} deliveries of ${id}` });
  return found;
}

test("all queues are shown, the platform's own too, read-only", async () => {
  const { body } = await callAsOperator("GET", "/admin/queues/api/queues");
  expect(body.queues).toMatchObject([
    { name: "echo", readOnlyMode: true, allowRetries: false },
    { name: "housekeeping", readOnlyMode: true, allowRetries: false },
    { name: "job-schedules", readOnlyMode: true, allowRetries: false },
  ]);
});

test("a completed delivery names its job and attempt, and links to the job", async () => {
  const id = await submitUntil("fine", "completed");
  const [delivery] = await over(id, "completed", 1);
  expect(delivery).toMatchObject({
    data: { id },
    returnValue: { outcome: "completed", run: 1, attempt: 1, maxAttempts: 3 },
    externalUrl: { href: `/v1/jobs/${id}` },
  });
  expect(Object.keys(delivery?.data as object)).toEqual(["id"]);
  const view = await callAsOperator("GET", delivery?.externalUrl.href as string);
  expect(view.body).toMatchObject({ id, status: "completed" });
});

test("each failed try stands in the list with its number and its reason", async () => {
  const id = await submitUntil("flaky", "completed");
  const failed = await over(id, "failed", 2);
  expect(failed.map(({ failedReason }) => failedReason)).toEqual([
    "run 1, attempt 1 of 3, the job is retried: service_away: the service was away",
    "run 1, attempt 2 of 3, the job is retried: service_away: the service was away",
  ]);
  const [last] = await over(id, "completed", 1);
  expect(last?.returnValue).toMatchObject({ outcome: "completed", attempt: 3 });
  // The board's label: BullMQ itself tries each delivery once.
  expect([...failed, last].map((delivery) => delivery?.attempts)).toEqual([1, 2, 3]);
  for (const delivery of failed) {
    expect(Object.keys(delivery.opts)).not.toContain("attempts");
    expect(delivery).toMatchObject({
      stacktrace: [],
      opts: expect.not.objectContaining({ priority: expect.anything() }),
    });
    expect(delivery.attemptsStarted).toBeUndefined();
  }
});

test("the attempt that ends a job says so, spent or given up", async () => {
  const spent = await over(await submitUntil("hopeless", "failed"), "failed", 3);
  expect(spent[2]?.failedReason).toBe(
    "run 1, attempt 3 of 3, the job failed: service_gone: the service is gone",
  );
  const [broken] = await over(await submitUntil("broken", "failed"), "failed", 1);
  expect(broken?.failedReason).toBe(
    "run 1, attempt 1 of 3, the job failed: broken_input: the input is broken",
  );
});

test("a job that was snoozed is no completed one", async () => {
  const { body } = await callAsOperator("POST", "/v1/jobs", {
    ...{ kind: "echo", input: { text: "later" } },
  });
  const [delivery] = await over(body.id, "completed", 1);
  expect(delivery?.returnValue).toMatchObject({
    ...{ outcome: "snoozed", reason: "the quota is spent", attempt: 1 },
  });
});

test("a cancelled job is cancelled on the board too, running or waiting", async () => {
  const id = await submitUntil("endless", "processing");
  await callAsOperator("POST", `/v1/jobs/${id}/cancel`);
  const [delivery] = await over(id, "completed", 1);
  expect(delivery?.returnValue).toMatchObject({ outcome: "cancelled", reason: expect.any(String) });
  const { body } = await callAsOperator("POST", "/v1/jobs", {
    ...{ kind: "echo", input: { text: "fine" }, delayMs: 1_500 },
  });
  await callAsOperator("DELETE", `/v1/jobs/${body.id}`);
  const dropped = () => shown(body.id, "completed").then((all) => all.find(isDropped));
  expect(await waitFor(dropped, { what: "the delivery to be dropped" })).toMatchObject({
    ...{ attempts: 0, returnValue: { reason: expect.stringContaining("had ended") } },
  });
});
