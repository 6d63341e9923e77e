import { randomUUID } from "node:crypto";
import { createTestDatabase, createTestRedis, waitFor } from "@ilgam/testing";
import { beforeAll, expect, test } from "vitest";
import { createTestApi } from "../fixtures/test-api.ts";

const [database, redis] = [await createTestDatabase(), await createTestRedis()];
const api = await createTestApi({}, {}, { databaseUrl: database.url, redisUrl: redis.url });

type Provider = Record<string, unknown> & { name: string };
const find = async (name: string, url = "/v1/providers") => {
  const { body } = await api.call("GET", url);
  return (body.providers as Provider[]).find((one) => one.name === name);
};

/** As a worker writes it; packages/upstream says what the fields mean. */
async function writeHealth(more: object): Promise<void> {
  const us = (at: string) => Date.parse(at) * 1_000;
  const never = { by: "", us: 0, othersUs: 0 };
  const health = {
    ...{ state: "open", fault: "operator", cause: { ko: "열쇠가 틀렸습니다.", en: "Wrong key." } },
    ...{ sinceUs: us("2026-11-26T01:02:03Z"), changedUs: us("2026-11-26T01:02:04Z") },
    ...{ nextProbeUs: us("2099-01-01T00:00:00Z"), probes: 3, ramp: 0, row: 5, callers: [] },
    ...{
      windowUs: 0,
      windowCalls: 0,
      windowFaults: 0,
      ok: never,
      failed: never,
      probeOkUs: 0,
      proofUs: 0,
    },
    ...{ firstFaults: {}, config: randomUUID(), ...more },
  };
  await redis.command("HSET", "{ilgam-pace}:openai:state", "health", JSON.stringify(health));
}

beforeAll(() =>
  waitFor(async () => (await find("storage"))?.isKnown || undefined, { what: "Redis" }),
);

test("a service of which nothing is known counts as well", async () => {
  expect(await find("storage")).toEqual({
    ...{ name: "storage", state: "closed", fault: null, since: null, lastError: null },
    ...{ nextProbeAt: null, callsAtOnce: null, jobsHeld: 0, isKnown: true },
    pace: {
      ...{ closedUntil: null, why: null, nextSlotAt: expect.any(String), callsToday: 0 },
      ...{ dailyQuota: null, tokensLastMinute: 0 },
    },
  });
});

test("one that is away says since when, why, and when it is probed, in the reader's language", async () => {
  await writeHealth({});
  const away = {
    ...{ state: "open", fault: "operator", since: "2026-11-26T01:02:03.000Z" },
    ...{ nextProbeAt: "2099-01-01T00:00:00.000Z", lastError: "열쇠가 틀렸습니다." },
  };
  expect(await find("openai")).toMatchObject(away);
  expect(await find("openai", "/v1/providers?lang=en")).toMatchObject({ lastError: "Wrong key." });
});

test("an operator's word makes the next probe due now", async () => {
  await writeHealth({});
  const { status, body } = await api.call("POST", "/v1/providers/openai/probe");
  expect(status).toBe(202);
  expect(Date.parse(String(body.nextProbeAt))).toBeLessThanOrEqual(Date.now() + 1_000);
  expect(await find("openai")).toMatchObject({ nextProbeAt: body.nextProbeAt });
});

test("one that recovers says how many calls may be under way", async () => {
  await writeHealth({ state: "ramp", ramp: 4 });
  const seen = { state: "ramp", callsAtOnce: 4, nextProbeAt: null };
  await waitFor(async () => (await find("openai"))?.state === "ramp" || undefined, { what: "it" });
  expect(await find("openai")).toMatchObject(seen);
});

test("an unknown service is 404, with what to do", async () => {
  const { status, body } = await api.call("POST", "/v1/providers/nobody/probe");
  expect({ status, body }).toMatchObject({ status: 404, body: { code: "provider_not_found" } });
});
