import { createSchedule, findSchedule, newId } from "@ilgam/db";
import { expect, test } from "vitest";
import { createTestApi } from "../fixtures/test-api.ts";
import { createTestKey } from "../fixtures/test-keys.ts";

const { call, db } = await createTestApi({ AUTH_MODE: "required", ADMIN_API_KEY: "k" });
const operator = { authorization: "Bearer k" };
const asPublic = (await createTestKey(db, "public")).headers;

async function scheduleOf(tenantId: string) {
  const fields = { name: "n", kind: "echo", input: { text: "a" }, tags: [], pattern: "0 3 * * *" };
  const times = { timeZone: "UTC", enabled: true, priority: "normal" as const, nextAt: null };
  const row = await createSchedule(db.sql, { ...fields, ...times, id: newId(), tenantId });
  return row?.id ?? "";
}

test("a tenant sees and steers its own schedules only, the operator all", async () => {
  const [own, foreign] = [await scheduleOf("public"), await scheduleOf("foreign")];
  const idsOf = ({ body }: { body: Record<string, unknown> }) =>
    (body.schedules as { id: string }[]).map(({ id }) => id);
  expect(idsOf(await call("GET", "/v1/schedules", undefined, asPublic))).toEqual([own]);
  expect(idsOf(await call("GET", "/v1/schedules", undefined, operator))).toEqual([foreign, own]);
  const narrowed = await call("GET", "/v1/schedules?tenant=foreign", undefined, operator);
  expect(idsOf(narrowed)).toEqual([foreign]);
  expect((await call("GET", "/v1/schedules?tenant=foreign", undefined, asPublic)).status).toBe(403);
  const before = await findSchedule(db.sql, foreign, null);
  for (const [method, path, body] of [
    ["GET", ""],
    ["PATCH", "", { enabled: false }],
    ["DELETE", ""],
    ["POST", "/run"],
  ] as const) {
    const answer = await call(method, `/v1/schedules/${foreign}${path}`, body, asPublic);
    expect(answer).toMatchObject({ status: 404, body: { code: "schedule_not_found" } });
  }
  expect(await findSchedule(db.sql, foreign, null)).toMatchObject({
    ...{ revision: before?.revision, enabled: true },
  });
  const read = await call("GET", `/v1/schedules/${foreign}`, undefined, operator);
  expect(read.body).toMatchObject({ id: foreign, tenant: "foreign" });
});

test("a job that the operator runs for a tenant is the tenant's", async () => {
  const [one] = (await call("GET", "/v1/schedules?tenant=foreign", undefined, operator)).body
    .schedules as { id: string }[];
  const run = await call("POST", `/v1/schedules/${one?.id}/run`, undefined, operator);
  expect(run).toMatchObject({ status: 202, body: { tenant: "foreign" } });
});
