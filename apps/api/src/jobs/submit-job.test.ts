import { expect, test } from "vitest";
import { createTestApi } from "../fixtures/test-api.ts";

const { call, db, claim } = await createTestApi();
const job = { kind: "echo", input: { text: "hello" } };
const post = (body: unknown, headers?: Record<string, string>) =>
  call("POST", "/v1/jobs", body, headers);

test("an accepted job is answered with 202, its address and its view", async () => {
  const { status, headers, body } = await post({ ...job, tags: ["a"], metadata: { n: 1 } });
  expect(status).toBe(202);
  expect(headers.location).toBe(`/v1/jobs/${body.id}`);
  expect(body).toMatchObject({
    kind: "echo",
    status: "queued",
    priority: "normal",
    run: 1,
    attempt: 0,
    maxAttempts: 3,
    tags: ["a"],
    metadata: { n: 1 },
  });
  expect((await claim(body.id)) as object).toMatchObject({ input: { text: "hello" } });
});

test("JSON is read under any Content-Type and under none", async () => {
  for (const type of [
    "text/plain;charset=UTF-8",
    "application/x-www-form-urlencoded",
    "x",
    "a b/c",
  ]) {
    expect((await post(job, { "content-type": type })).status).toBe(202);
  }
  const bytes = Buffer.from(JSON.stringify(job));
  expect((await post(bytes)).status).toBe(202);
});

test("what is not JSON in UTF-8 is refused with 400 as a problem body", async () => {
  const notUtf8 = Buffer.concat([Buffer.from('{"kind":"'), Buffer.from([0xff]), Buffer.from('"}')]);
  for (const body of ["{broken", notUtf8, '"text', "{'kind':1}"]) {
    const answer = await post(body);
    expect(answer).toMatchObject({ status: 400, body: { code: "malformed_json", status: 400 } });
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(Object.keys(answer.body)).toEqual(
      expect.arrayContaining(["type", "title", "status", "detail", "code", "instance"]),
    );
  }
});

test("a body of another JSON type, or none, is refused with 400", async () => {
  for (const body of ["[]", "1", "null", '"text"', ""]) {
    expect(await post(body)).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  }
});

test("a body in another encoding is refused with 415", async () => {
  const gzip = await post(job, { "content-encoding": "gzip" });
  expect(gzip).toMatchObject({ status: 415, body: { code: "unsupported_encoding" } });
  const korean = await post(job, { "content-type": "application/json; charset=euc-kr" });
  expect(korean.status).toBe(415);
});

test("a body over the limit is refused with 413", async () => {
  const answer = await post({ ...job, input: { text: "x".repeat(1_100_000) } });
  expect(answer).toMatchObject({ status: 413, body: { code: "payload_too_large" } });
});

test("a character that Postgres cannot store is refused with 422, saying where", async () => {
  const nul = await post({ ...job, metadata: { a: [{ b: "x\u0000" }] } });
  expect(nul).toMatchObject({ status: 422, body: { errors: [{ path: "metadata.a.0.b" }] } });
  const key = await post('{"kind":"echo","input":{"te\\u0000xt":1}}');
  expect(key).toMatchObject({ status: 422, body: { errors: [{ path: "input.te\\u0000xt" }] } });
  const half = await post('{"kind":"echo","input":{"text":"\\ud83d"}}');
  expect(half).toMatchObject({ status: 422, body: { errors: [{ path: "input.text" }] } });
  const whole = await post('{"kind":"echo","input":{"text":"\\ud83d\\ude00"}}');
  expect(whole.status).toBe(202);
});

test("names that poison a prototype are refused", async () => {
  const proto = await post('{"kind":"echo","input":{"text":"a"},"metadata":{"__proto__":{"x":1}}}');
  expect(proto).toMatchObject({ status: 422, body: { code: "invalid_field" } });
  const viaConstructor = await post(
    '{"kind":"echo","input":{"text":"a"},"metadata":{"constructor":{"prototype":{}}}}',
  );
  expect(viaConstructor.status).toBe(422);
});

test("nesting without end and numbers without bound are refused, not crashed on", async () => {
  const deep = "[".repeat(200_000) + "]".repeat(200_000);
  const nested = await post(`{"kind":"echo","input":{"text":"a"},"metadata":{"a":${deep}}}`);
  expect(nested).toMatchObject({ status: 422, body: { code: "invalid_field" } });
  const huge = await post('{"kind":"echo","input":{"text":"a"},"metadata":{"n":1e999}}');
  expect(huge).toMatchObject({ status: 422, body: { errors: [{ path: "metadata.n" }] } });
});

test("each wrong field is named, in Korean or in English as asked", async () => {
  const wrong = { kind: "echo", input: { text: 1 }, priority: "urgent", tags: "a", extra: 1 };
  const korean = await post(wrong);
  expect(korean).toMatchObject({ status: 422, body: { code: "invalid_field" } });
  const errors = korean.body.errors as { path: string; problem: string }[];
  expect(errors.map((error) => error.path)).toEqual(["priority", "tags", ""]);
  expect(errors[0]?.problem).toMatch(/[가-힣]/);
  const english = await call("POST", "/v1/jobs?lang=en", { kind: "echo", input: { text: 1 } });
  expect(english.body).toMatchObject({
    detail: "Some fields are not valid. Correct the fields named below.",
    errors: [{ path: "input.text", problem: expect.stringContaining("expected string") }],
  });
});

test("a missing field is said to be required", async () => {
  const { body } = await call("POST", "/v1/jobs?lang=en", { kind: "echo", input: {} });
  expect(body.errors).toEqual([{ path: "input.text", problem: "It is required." }]);
});

test("unknown kinds and kinds of the platform's own are refused with 422", async () => {
  for (const kind of ["nope", "housekeeping", "__proto__"]) {
    const answer = await post({ kind, input: {} });
    expect(answer).toMatchObject({ status: 422, body: { code: "unknown_kind" } });
  }
});

test("metadata too large for every claim to carry is refused", async () => {
  const answer = await post({ ...job, metadata: { text: "x".repeat(17_000) } });
  expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: "metadata" }] } });
});

test("a start time may be of any year and the past means now", async () => {
  const past = await post({ ...job, runAt: "0001-01-01T00:00:00Z" });
  expect(past.body.runAt).toBe(past.body.createdAt);
  const later = await post({ ...job, delayMs: 60_000 });
  expect(later.body.waitingOn).toMatchObject({ reason: "start_time", until: later.body.runAt });
  const both = await post({ ...job, runAt: "2030-01-01T00:00:00Z", delayMs: 1 });
  expect(both.status).toBe(422);
});

test("a repeated Idempotency-Key gets the first answer and makes no second job", async () => {
  const keyed = { ...job, priority: "high", metadata: { b: 1, a: 2 } };
  const first = await post(keyed, { "idempotency-key": "key 1" });
  const again = await post(
    { metadata: { a: 2, b: 1 }, priority: "high", input: job.input, kind: "echo" },
    { "idempotency-key": "key 1" },
  );
  expect(first.headers["idempotency-replayed"]).toBeUndefined();
  expect(again.headers["idempotency-replayed"]).toBe("true");
  expect(again.status).toBe(202);
  expect(again.body.id).toBe(first.body.id);
  const rows = await db.sql.query("SELECT id FROM jobs WHERE priority = 'high'");
  expect(rows).toHaveLength(1);
});

test("50 submissions at once under one Idempotency-Key are one job", async () => {
  const headers = { "idempotency-key": "at once" };
  const answers = await Promise.all(Array.from({ length: 50 }, () => post(job, headers)));
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([202]));
  expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
});

test("an Idempotency-Key with other content is a conflict", async () => {
  await post(job, { "idempotency-key": "key 2" });
  const other = { ...job, input: { text: "other" } };
  const answer = await post(other, { "idempotency-key": "key 2" });
  expect(answer).toMatchObject({ status: 409, body: { code: "idempotency_conflict" } });
});

test("an Idempotency-Key must be 1 to 255 printable characters", async () => {
  for (const key of ["", "x".repeat(256), "a\tb"]) {
    const answer = await post(job, { "idempotency-key": key });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ path: "Idempotency-Key" }] } });
  }
});
