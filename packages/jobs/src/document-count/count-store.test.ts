import { randomUUID } from "node:crypto";
import { createPool } from "@ilgam/db";
import { createTestDatabase, waitFor } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import type { DocumentSource } from "./contract.ts";
import { createCountStore } from "./count-store.ts";

const database = await createTestDatabase();
const pool = createPool({ url: database.url, size: 5 });
const otherPool = createPool({ url: database.url, size: 5 });
const age = { maxAgeMs: 60_000, realOnly: false };
const store = createCountStore(pool, { age });
const otherStore = createCountStore(otherPool, { age });
const all: DocumentSource[] = ["blog", "cafe", "news"];

afterAll(async () => {
  await Promise.all([pool.close(), otherPool.close()]);
});

test("of many who want one count at the same moment exactly one may fetch it", async () => {
  for (let round = 0; round < 10; round += 1) {
    const takers = Array.from({ length: 10 }, (_, index) => (index % 2 ? store : otherStore));
    const taken = await Promise.all(
      takers.map((one) => one.take(`race ${round}`, ["blog"], randomUUID())),
    );
    expect(taken.filter(({ claim }) => claim !== null)).toHaveLength(1);
  }
});

test("several who want the same counts each fetch another one", async () => {
  const taken = [];
  for (let index = 0; index < 4; index += 1) {
    taken.push(await store.take("shared", all, randomUUID()));
  }
  expect(taken.map(({ claim }) => claim?.source)).toEqual(["blog", "cafe", "news", undefined]);
});

test("a stored count is known to everybody and ends the claim", async () => {
  const { claim } = await store.take("kept", ["blog"], randomUUID());
  if (!claim) throw new Error("nobody else is here");
  expect(await store.store(claim, 3_000_000_000, "naver")).toBe(true);
  const known = [{ source: "blog", count: 3_000_000_000, provider: "naver" }];
  expect(await otherStore.take("kept", all, randomUUID())).toMatchObject({
    known,
    claim: { source: "cafe" },
  });
  expect(await store.read("kept", all)).toEqual(known);
});

test("a claim whose reply was lost is found again by its token", async () => {
  const token = randomUUID();
  const first = await store.take("repeated", ["blog"], token);
  expect(first.claim).not.toBeNull();
  expect(await store.take("repeated", ["blog"], token)).toEqual(first);
});

test("a released claim is free at once, and its former holder cannot end the next one", async () => {
  const first = await store.take("released", ["blog"], randomUUID());
  if (!first.claim) throw new Error("nobody else is here");
  await store.release(first.claim);
  const second = await store.take("released", ["blog"], randomUUID());
  expect(second.claim).not.toBeNull();
  await store.release(first.claim);
  expect(await store.store(first.claim, 1, "naver")).toBe(false);
  expect((await store.take("released", ["blog"], randomUUID())).claim).toBeNull();
});

test("the claim of a process that died lapses", async () => {
  const brief = createCountStore(pool, { age, claimMs: 100 });
  expect((await brief.take("died", ["blog"], randomUUID())).claim).not.toBeNull();
  await waitFor(async () => (await store.take("died", ["blog"], randomUUID())).claim, {
    what: "the claim to lapse",
  });
});

test("a count older than the cache's age is fetched again, and stays until then", async () => {
  const { claim } = await store.take("old", ["blog"], randomUUID());
  if (!claim) throw new Error("nobody else is here");
  await store.store(claim, 7, "naver");
  await database.query("UPDATE document_counts SET fetched_at = now() - interval '61 s'");
  expect(await store.take("old", ["blog"], randomUUID())).toMatchObject({
    known: [],
    claim: { source: "blog" },
  });
  expect((await store.take("old", ["blog"], randomUUID())).claim).toBeNull();
});

test("counts of the sandbox are asked again once the real service is configured", async () => {
  const { claim } = await store.take("made up", ["blog"], randomUUID());
  if (!claim) throw new Error("nobody else is here");
  await store.store(claim, 7, "sandbox");
  expect(await store.read("made up", ["blog"])).toHaveLength(1);
  const real = createCountStore(pool, { age: { ...age, realOnly: true } });
  expect(await real.read("made up", ["blog"])).toEqual([]);
  expect((await real.take("made up", ["blog"], randomUUID())).claim).not.toBeNull();
});
