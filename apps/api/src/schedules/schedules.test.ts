import { expect, test } from "vitest";
import { createTestApi } from "../fixtures/test-api.ts";

const { app, call, db } = await createTestApi();

let made = 0;
function wanted(more: object = {}) {
  made += 1;
  const times = { pattern: "0 3 * * *", timeZone: "Asia/Seoul" };
  return {
    name: `nightly-${made}`,
    kind: "echo",
    input: { text: "good night" },
    ...times,
    ...more,
  };
}
const create = (more: object = {}) => call("POST", "/v1/schedules", wanted(more));
const problems = async (more: object) => {
  const { status, body } = await call("POST", "/v1/schedules?lang=en", wanted(more));
  return { status, code: body.code, errors: body.errors };
};

test("a schedule is answered with its next time, and read, listed and removed", async () => {
  const created = await create({ name: "first", priority: "low", tags: ["night"] });
  const { id } = created.body;
  expect(created).toMatchObject({ status: 201, headers: { location: `/v1/schedules/${id}` } });
  expect(created.body).toMatchObject({
    ...{ name: "first", kind: "echo", input: { text: "good night" }, priority: "low" },
    ...{ tags: ["night"], enabled: true, lastAt: null, lastJobId: null, lastError: null },
    // 3 o'clock in Seoul.
    nextAt: expect.stringMatching(/T18:00:00\.000Z$/),
  });
  expect((await call("GET", `/v1/schedules/${id}`)).body).toEqual(created.body);
  const { body } = await call("GET", "/v1/schedules?limit=1");
  expect(body).toMatchObject({ schedules: [{ id }], nextCursor: null });
  const removed = await app.inject({ method: "DELETE", url: `/v1/schedules/${id}` });
  expect([removed.statusCode, removed.body]).toEqual([204, ""]);
  for (const [method, path] of [
    ...([
      ["GET", ""],
      ["DELETE", ""],
      ["POST", "/run"],
    ] as const),
  ] as const) {
    expect(await call(method, `/v1/schedules/${id}${path}`)).toMatchObject({
      ...{ status: 404, body: { code: "schedule_not_found" } },
    });
  }
  expect((await call("GET", "/v1/schedules/no-id")).status).toBe(404);
});

test.each<[string, object, string, RegExp]>([
  ["a pattern that is none", { pattern: "every day" }, "pattern", /five fields/],
  ["a day that never comes", { pattern: "0 0 30 2 *" }, "pattern", /No time ever fits/],
  ["more often than every 10 s", { pattern: "*/5 * * * * *" }, "pattern", /every 10 seconds/],
  ["an unknown zone", { timeZone: "Mars/Olympus" }, "timeZone", /no such time zone/],
  ["an input that the kind refuses", { input: { text: 7 } }, "input.text", /string/],
  ["no name", { name: " " }, "name", /./],
  ["an unknown field", { colour: "red" }, "", /colour/],
])("%s is refused with the field and what to do", async (_, more, path, problem) => {
  expect(await problems(more)).toMatchObject({
    ...{ status: 422, code: "invalid_field" },
    errors: [{ path, problem: expect.stringMatching(problem) }],
  });
});

test("unknown and internal kinds are refused, and a name is taken once", async () => {
  expect(await problems({ kind: "nope" })).toMatchObject({ status: 422, code: "unknown_kind" });
  expect(await problems({ kind: "housekeeping", input: {} })).toMatchObject({
    ...{ status: 422, code: "unknown_kind" },
  });
  await create({ name: "taken" });
  expect(await problems({ name: "taken" })).toMatchObject({ status: 409, code: "schedule_exists" });
});

test("a change leaves what it does not name, and moves the next time only when it must", async () => {
  const { body: before } = await create();
  const patch = (body: object) => call("PATCH", `/v1/schedules/${before.id}`, body);
  const renamed = await patch({ tags: ["x"], input: { text: "hi" } });
  expect(renamed.body).toMatchObject({ nextAt: before.nextAt, tags: ["x"], name: before.name });
  const disabled = await patch({ enabled: false });
  expect(disabled.body).toMatchObject({ enabled: false, nextAt: null });
  const enabled = await patch({ enabled: true, pattern: "30 4 * * *" });
  expect(enabled.body.nextAt).toMatch(/T19:30:00/);
  expect((await patch({ input: { text: 7 } })).status).toBe(422);
  expect((await patch({ kind: "housekeeping" })).status).toBe(422);
  expect((await patch({})).status).toBe(422);
  expect((await call("GET", `/v1/schedules/${before.id}`)).body).toEqual(enabled.body);
});

test("changes of different fields at once lose none of each other", async () => {
  const { body } = await create();
  const patches = [{ tags: ["x"] }, { priority: "high" }, { pattern: "1 1 * * *" }];
  const url = `/v1/schedules/${body.id}`;
  const answers = await Promise.all(patches.map((patch) => call("PATCH", url, patch)));
  expect(answers.map((one) => one.status)).toEqual([200, 200, 200]);
  expect((await call("GET", url)).body).toMatchObject(Object.assign({}, ...patches));
});

test("run now submits its job beside the planned times, once a key", async () => {
  const { body: schedule } = await create({ priority: "high", tags: ["night"] });
  const url = `/v1/schedules/${schedule.id}/run`;
  const run = () => call("POST", url, undefined, { "idempotency-key": "now" });
  const { status, body: job } = await run();
  expect(status).toBe(202);
  expect(job).toMatchObject({
    ...{ kind: "echo", priority: "high", tags: ["night"] },
    metadata: { scheduleId: schedule.id, scheduleName: schedule.name },
  });
  expect((await run()).body.id).toBe(job.id);
  expect((await call("GET", `/v1/schedules/${schedule.id}`)).body).toEqual(schedule);
});

test("pages of schedules follow one another", async () => {
  const first = await call("GET", "/v1/schedules?limit=2");
  const second = await call("GET", `/v1/schedules?limit=2&cursor=${first.body.nextCursor}`);
  const all = await call("GET", "/v1/schedules?limit=4");
  const pages = [first, second].flatMap((page) => page.body.schedules as object[]);
  expect(pages).toEqual(all.body.schedules);
  expect((await call("GET", "/v1/schedules?cursor=nonsense")).status).toBe(422);
});

test("a change of a schedule whose time has come and was not fired keeps that time", async () => {
  const { id } = (await create()).body;
  const planned = "2026-11-01T18:00:00.000Z";
  await db.sql.query("UPDATE schedules SET next_at = $2 WHERE id = $1", [id, planned]);
  const change = { pattern: "30 4 * * *", input: { text: "later" } };
  const { body } = await call("PATCH", `/v1/schedules/${id}`, change);
  expect(body).toMatchObject({ ...change, nextAt: planned });
  const off = await call("PATCH", `/v1/schedules/${id}`, { enabled: false });
  expect(off.body).toMatchObject({ enabled: false, nextAt: null });
  const on = await call("PATCH", `/v1/schedules/${id}`, { enabled: true });
  // Half past four in Seoul.
  expect(on.body.nextAt).toMatch(/T19:30:00\.000Z$/);
});
