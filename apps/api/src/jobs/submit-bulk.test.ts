import { expect, test } from "vitest";
import { createTestApi } from "../fixtures/test-api.ts";

const { call, db } = await createTestApi();
const good = (text: string) => ({ kind: "echo", input: { text } });
const post = (jobs: unknown, headers?: Record<string, string>) =>
  call("POST", "/v1/jobs/bulk", { jobs }, headers);

type Item = { index: number; job?: { id: string }; error?: { code: string } };

test("good items are accepted beside bad ones, each with its own answer", async () => {
  const { status, body } = await post([good("a"), { kind: "nope", input: 1 }, good("b"), 7]);
  expect(status).toBe(202);
  expect(body).toMatchObject({ accepted: 2, rejected: 2 });
  const items = body.items as Item[];
  expect(items.map((item) => item.error?.code ?? "accepted")).toEqual([
    "accepted",
    "unknown_kind",
    "accepted",
    "invalid_request",
  ]);
});

test("a request of which nothing can be accepted is refused with 422, naming each item", async () => {
  const { status, body } = await post([
    { kind: "echo", input: {} },
    { kind: "nope", input: 1 },
  ]);
  expect(status).toBe(422);
  const paths = (body.errors as { path: string }[]).map((error) => error.path);
  expect(paths).toEqual(["jobs.0.input.text", "jobs.1"]);
});

test("1,000 items are taken, 1,001 and none are refused", async () => {
  const thousand = await post(Array.from({ length: 1_000 }, (_, index) => good(`n${index}`)));
  expect(thousand.body).toMatchObject({ accepted: 1_000, rejected: 0 });
  expect((await post(Array.from({ length: 1_001 }, () => good("x")))).status).toBe(422);
  expect((await post([])).status).toBe(422);
  expect((await call("POST", "/v1/jobs/bulk", [good("a")])).status).toBe(400);
});

test("an item that Postgres refuses spoils no neighbour of its micro-batch", async () => {
  await db.sql.query("ALTER TABLE jobs ADD CONSTRAINT no_bad CHECK (NOT 'bad' = ANY(tags))");
  const jobs = Array.from({ length: 60 }, (_, index) => good(`m${index}`));
  const tagged = { ...good("bad row"), tags: ["bad"] };
  const answers = await Promise.all([
    ...jobs.map((job) => call("POST", "/v1/jobs", job)),
    call("POST", "/v1/jobs", tagged),
  ]);
  expect(answers.filter((answer) => answer.status === 202)).toHaveLength(60);
  expect(answers.at(-1)?.status).toBe(500);
  expect(JSON.stringify(answers.at(-1)?.body)).not.toContain("no_bad");
});

test("a repeated key gets the same jobs, and other content is a conflict", async () => {
  const headers = { "idempotency-key": "bulk" };
  const jobs = [good("k1"), { kind: "nope", input: 1 }, good("k2")];
  const first = await post(jobs, headers);
  const again = await post(jobs, headers);
  const ids = (answer: typeof first) => (answer.body.items as Item[]).map((item) => item.job?.id);
  expect(ids(again)).toEqual(ids(first));
  expect(again.headers["idempotency-replayed"]).toBe("true");
  const other = await post([{ ...good("k1"), priority: "low" }, good("k2")], headers);
  expect(other.status).toBe(409);
});
