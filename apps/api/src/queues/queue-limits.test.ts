import { createSchedule, newId } from "@ilgam/db";
import { waitFor } from "@ilgam/testing";
import { expect, test } from "vitest";
import { createTestApi } from "../fixtures/test-api.ts";

const { call, submit, claim, db } = await createTestApi();

const patch = (body: unknown, name = "echo") => call("PATCH", `/v1/queues/${name}`, body);
const backlog = () => call("GET", "/v1/queues/echo/backlog");
/** The answer is up to 1 s old. */
const counted = (counts: object) =>
  waitFor(
    async () => expect((await backlog()).body).toEqual({ queue: "echo", ...counts }) ?? true,
    {
      what: `a backlog of ${JSON.stringify(counts)}`,
    },
  );

test("a queue shows what is declared, what was set, what holds and why", async () => {
  const night = { name: "always", from: "00:00", to: "24:00", timeZone: "Asia/Seoul" };
  const set = {
    ...{ concurrency: 8, rate: { max: 10, durationMs: 1_000 } },
    windows: [{ ...night, globalConcurrency: 40 }],
  };
  const { status, body } = await patch(set);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    ...{ name: "echo", paused: false, concurrency: 8, globalConcurrency: 40, rate: set.rate },
    ...{ adaptive: null, window: "always", overrides: set },
    declared: { concurrency: 1, globalConcurrency: null, rate: null },
    because: {
      ...{ paused: null, concurrency: "override", globalConcurrency: "window", rate: "override" },
    },
  });
  expect((await call("GET", "/v1/queues/echo")).body).toEqual(body);
});

test("a change leaves the other settings, and a reset gives back what is declared", async () => {
  await patch({ concurrency: 8, globalConcurrency: 3 });
  const { body } = await patch({
    globalConcurrency: null,
    reset: ["concurrency", "windows", "rate"],
  });
  expect(body).toMatchObject({ concurrency: 1, globalConcurrency: null });
  expect(body.overrides).toEqual({ globalConcurrency: null });
  expect((await patch({ reset: ["globalConcurrency"] })).body.overrides).toEqual({});
});

test("changes of different settings at once lose none of each other", async () => {
  const sets = [{ concurrency: 2 }, { globalConcurrency: 7 }, { adaptive: { min: 1, max: 9 } }];
  await Promise.all(sets.map((set) => patch(set)));
  const { body } = await call("GET", "/v1/queues/echo");
  expect(body.overrides).toEqual(Object.assign({}, ...sets));
  await patch({ reset: ["concurrency", "globalConcurrency", "adaptive"] });
});

test("what is wrong is refused with the field and what to do, and nothing is changed", async () => {
  const before = await call("GET", "/v1/queues/echo");
  const night = { name: "n", from: "22:00", to: "06:00", timeZone: "Mars/Olympus", paused: true };
  const refused = await call("PATCH", "/v1/queues/echo?lang=en", { windows: [night] });
  expect(refused).toMatchObject({
    status: 422,
    body: {
      code: "invalid_field",
      errors: [{ path: "windows.0.timeZone", problem: expect.stringMatching(/no such time zone/) }],
    },
  });
  expect((await patch({ concurency: 3 })).status).toBe(422);
  expect((await patch({})).body.errors).toMatchObject([{ problem: expect.stringMatching(/하나/) }]);
  expect((await patch([])).status).toBe(400);
  expect(await patch("{")).toMatchObject({ status: 400, body: { code: "malformed_json" } });
  expect(await call("GET", "/v1/queues/echo")).toMatchObject({ body: before.body });
  const unknown = await patch({ concurrency: 2 }, "nope");
  expect(unknown).toMatchObject({ status: 404, body: { code: "queue_not_found" } });
  expect((await call("GET", "/v1/queues/nope")).status).toBe(404);
});

test("the backlog is 0 when there is nothing, then counts what may start and what runs", async () => {
  expect(await backlog()).toMatchObject({
    status: 200,
    body: { queue: "echo", backlog: 0, waiting: 0, processing: 0 },
  });
  const [running] = [await submit(), await submit(), await submit({ delayMs: 60_000 })];
  await claim(running);
  await counted({ backlog: 2, waiting: 1, processing: 1 });
  await call("POST", "/v1/queues/echo/pause");
  await counted({ backlog: 1, waiting: 1, processing: 1 });
  await call("POST", "/v1/queues/echo/resume");
  expect(await call("GET", "/v1/queues/nope/backlog")).toMatchObject({ status: 404 });
});

test("a schedule whose time has come asks for a worker when there is none", async () => {
  const times = { pattern: "0 0 1 1 *", timeZone: "UTC", enabled: true };
  const row = { id: newId(), tenantId: "default", name: "due", kind: "echo", input: {}, tags: [] };
  const before = Number((await backlog()).body.waiting);
  const nextAt = new Date(Date.now() - 1_000);
  await createSchedule(db.sql, { ...row, ...times, priority: "normal", nextAt });
  await waitFor(async () => Number((await backlog()).body.waiting) === before + 1, {
    what: "the schedule to be counted",
  });
});
