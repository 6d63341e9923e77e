import { newId } from "@ilgam/db";
import { expect, test } from "vitest";
import { createTestApi } from "../fixtures/test-api.ts";

const { call, submit, claim, run } = await createTestApi();
const failed = { type: "failed", error: { code: "x", message: "x" } } as const;

test("a queued job is cancelled at once, by POST and by DELETE, without a body", async () => {
  for (const [method, suffix] of [
    ["POST", "/cancel"],
    ["DELETE", ""],
  ] as const) {
    const id = await submit();
    const answer = await call(method, `/v1/jobs/${id}${suffix}`);
    expect(answer).toMatchObject({ status: 200, body: { id, status: "cancelled" } });
    const again = await call(method, `/v1/jobs/${id}${suffix}`);
    expect(again).toMatchObject({ status: 409, body: { code: "already_finished" } });
  }
});

test("an empty body of type JSON is no malformed one", async () => {
  const id = await submit();
  const answer = await call("POST", `/v1/jobs/${id}/cancel`, "", {
    "content-type": "application/json",
  });
  expect(answer.status).toBe(200);
});

test("a running job is asked to stop and may be asked again", async () => {
  const id = await submit();
  await claim(id);
  for (let time = 0; time < 2; time += 1) {
    const answer = await call("DELETE", `/v1/jobs/${id}`);
    expect(answer).toMatchObject({ status: 200, body: { status: "processing" } });
    expect(answer.body.cancelRequestedAt).not.toBeNull();
  }
});

test("an ended job is retried as a new run with its history", async () => {
  const id = await submit();
  await run(id, failed);
  const retried = await call("POST", `/v1/jobs/${id}/retry`);
  expect(retried).toMatchObject({
    status: 200,
    body: { status: "queued", run: 2, attempt: 0, error: null },
  });
  await run(id);
  expect((await call("GET", `/v1/jobs/${id}/attempts`)).body.attempts).toMatchObject([
    { run: 1, outcome: "failed" },
    { run: 2, outcome: "completed" },
  ]);
});

test("the result of an earlier run stays readable", async () => {
  const id = await submit();
  await run(id);
  await call("POST", `/v1/jobs/${id}/retry`);
  expect((await call("GET", `/v1/jobs/${id}/result`)).status).toBe(409);
  expect((await call("GET", `/v1/jobs/${id}/result?run=1`)).status).toBe(200);
});

test("an open job cannot be retried, an unknown one neither cancelled nor retried", async () => {
  const id = await submit();
  const answer = await call("POST", `/v1/jobs/${id}/retry`);
  expect(answer).toMatchObject({ status: 409, body: { code: "not_finished" } });
  for (const verb of ["cancel", "retry"]) {
    expect((await call("POST", `/v1/jobs/${newId()}/${verb}`)).status).toBe(404);
  }
});

test("cancel and retry by filter change nothing until told that it is no dry run", async () => {
  const ids = await Promise.all(Array.from({ length: 3 }, () => submit({ tags: ["by-filter"] })));
  const filter = { tag: "by-filter" };
  const dry = await call("POST", "/v1/jobs/cancel", { filter });
  expect(dry.body).toMatchObject({ matched: 3, dryRun: true, changed: 0 });
  expect((dry.body.ids as string[]).toSorted()).toEqual(ids.toSorted());
  const two = await call("POST", "/v1/jobs/cancel", { filter, dryRun: false, limit: 2 });
  expect(two.body).toMatchObject({ matched: 3, dryRun: false, changed: 2 });
  const none = await call("POST", "/v1/jobs/retry", { filter, dryRun: false });
  expect(none.body).toMatchObject({ matched: 0, changed: 0 });
  const cancelled = { ...filter, status: "cancelled" };
  const retried = await call("POST", "/v1/jobs/retry", { filter: cancelled, dryRun: false });
  expect(retried.body).toMatchObject({ matched: 2, changed: 2 });
});

test("a filter that no job could meet, or that is misspelt, is refused", async () => {
  const open = { filter: { status: "queued" } };
  expect((await call("POST", "/v1/jobs/retry", open)).status).toBe(422);
  const ended = { filter: { status: "failed" } };
  expect((await call("POST", "/v1/jobs/cancel", ended)).status).toBe(422);
  const misspelt = { filter: { knid: "echo" }, dryRun: false };
  expect((await call("POST", "/v1/jobs/cancel", misspelt)).status).toBe(422);
});
