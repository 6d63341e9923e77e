import { randomUUID } from "node:crypto";
import { Aborted, GiveUp, Held, RetryableError, TryLater } from "@ilgam/contracts";
import { createPool, type Sql, Unavailable } from "@ilgam/db";
import { connectRedis } from "@ilgam/queue";
import { createTestDatabase, createTestRedis, waitFor } from "@ilgam/testing";
import { createNaverSearch, createPace } from "@ilgam/upstream";
import { afterAll, expect, test } from "vitest";
import type { JobContext } from "../../handling/job-context.ts";
import type { DocumentCountPayload, DocumentSource } from "../contract.ts";
import { startSandbox } from "../fixtures/sandbox.ts";
import { createDocumentCountProcessor } from "./processor.ts";

const sandbox = await startSandbox();
const database = await createTestDatabase();
const testRedis = await createTestRedis();
const redis = connectRedis({ mode: "single", url: testRedis.url }, "producer");
await new Promise((resolve) => redis.once("ready", resolve));
const sql = createPool({ url: database.url, size: 8 });
const naver = createNaverSearch({
  baseUrl: sandbox.url,
  clientId: "id",
  clientSecret: "secret",
  pace: createPace({ redis }),
  policy: { intervalMs: 2 },
  provider: "sandbox",
});
const count = createDocumentCountProcessor({ sql, naver, env: {} });
// Another worker: it shares nothing with the first but Postgres and the pace.
const otherSql = createPool({ url: database.url, size: 8 });
const countElsewhere = createDocumentCountProcessor({ sql: otherSql, naver, env: {} });

afterAll(async () => {
  await naver.close();
  redis.disconnect();
  await Promise.all([sql.close(), otherSql.close()]);
});

type Options = { sources?: DocumentSource[]; signal?: AbortSignal; progress?: unknown[] };

function contextOf(keyword: string, options: Options = {}): JobContext<DocumentCountPayload> {
  return {
    payload: { keyword, sources: options.sources ?? ["blog", "cafe", "news"] },
    job: { id: randomUUID(), tenantId: "public", run: 1, attempt: 1, maxAttempts: 3 },
    idempotencyKey: "job:1:1",
    signal: options.signal ?? new AbortController().signal,
    progress: (percent, step) => void options.progress?.push([Math.round(percent), step]),
    log: async () => undefined,
    step: (_name, work) => work(),
    spend: () => undefined,
  };
}

async function sourcesCalled(keyword: string): Promise<(string | null)[]> {
  return (await sandbox.callsOf(keyword)).map((call) => call.source);
}

function claims(): Promise<unknown[]> {
  return database.query("SELECT keyword FROM document_counts WHERE fetch_token IS NOT NULL");
}

test("a keyword is counted by one call for each source, which says for whom it is", async () => {
  const progress: unknown[] = [];
  const result = await count(contextOf("맥북", { progress }));
  expect(result).toEqual({
    keyword: "맥북",
    counts: { blog: expect.any(Number), cafe: expect.any(Number), news: expect.any(Number) },
    provider: "sandbox",
    cached: false,
  });
  expect(progress).toEqual([
    [33, "blog"],
    [67, "cafe"],
    [100, "news"],
  ]);
  const calls = await sandbox.callsOf("맥북");
  expect(calls.map((call) => call.idempotencyKey)).toEqual([
    "job:1:1:blog",
    "job:1:1:cafe",
    "job:1:1:news",
  ]);
});

test("a keyword that is cached costs no call, one cached in part only the rest", async () => {
  const first = await count(contextOf("아이폰", { sources: ["cafe"] }));
  const second = await count(contextOf("아이폰"));
  expect(second.counts.cafe).toBe(first.counts.cafe);
  expect(await sourcesCalled("아이폰")).toEqual(["cafe", "blog", "news"]);
  expect(await countElsewhere(contextOf("아이폰"))).toEqual({ ...second, cached: true });
  expect(await sandbox.callsOf("아이폰")).toHaveLength(3);
});

test("two batches of the same keywords at once share every call", async () => {
  const keywords = Array.from({ length: 20 }, (_, index) => `함께 ${index}`);
  const [one, other] = await Promise.all([
    Promise.all(keywords.map((keyword) => count(contextOf(keyword)))),
    Promise.all(keywords.map((keyword) => countElsewhere(contextOf(keyword)))),
  ]);
  expect(one.map(({ counts }) => counts)).toEqual(other.map(({ counts }) => counts));
  const calls = await Promise.all(keywords.map((keyword) => sandbox.callsOf(keyword)));
  expect(calls.flat()).toHaveLength(60);
  expect(await claims()).toEqual([]);
});

test("a source that fails leaves the others counted; the next try repeats only it", async () => {
  const match = { query: "갤럭시", source: "blog" };
  await sandbox.fault({ match, fault: { type: "malformed" } });
  const failed = count(contextOf("갤럭시"));
  await expect(failed).rejects.toBeInstanceOf(RetryableError);
  await expect(failed).rejects.toMatchObject({ code: "malformed" });
  expect(await sourcesCalled("갤럭시")).toEqual(["blog", "cafe", "news"]);
  expect(await claims()).toEqual([]);
  const { counts } = await count(contextOf("갤럭시"));
  expect(Object.keys(counts)).toEqual(["blog", "cafe", "news"]);
  expect(await sourcesCalled("갤럭시")).toEqual(["blog", "cafe", "news", "blog"]);
});

test("when the service fails its other sources are left in peace, and the job is held", async () => {
  const match = { query: "갤럭시 접이식", source: "blog" };
  await sandbox.fault({ match, fault: { type: "status", status: 500 } });
  const held = count(contextOf("갤럭시 접이식"));
  await expect(held).rejects.toBeInstanceOf(Held);
  await expect(held).rejects.toMatchObject({ cause: { code: "server_error" } });
  expect(await sourcesCalled("갤럭시 접이식")).toEqual(["blog"]);
  expect(await claims()).toEqual([]);
});

test("a keyword that the service refuses is given up", async () => {
  await sandbox.fault({ match: { query: "거절" }, fault: { type: "status", status: 400 } });
  await expect(count(contextOf("거절"))).rejects.toBeInstanceOf(GiveUp);
  expect(await claims()).toEqual([]);
});

test("told to slow down, a job is snoozed and asks for nothing more", async () => {
  const fault = { type: "rate-limit", retryAfterSeconds: 1 };
  await sandbox.fault({ match: { query: "천천히" }, fault });
  await expect(count(contextOf("천천히"))).rejects.toBeInstanceOf(TryLater);
  expect(await sourcesCalled("천천히")).toEqual(["blog"]);
  expect(await claims()).toEqual([]);
  await testRedis.command("FLUSHDB");
});

test("a failure counts as an attempt although a wait follows it", async () => {
  await sandbox.fault([
    { match: { query: "둘 다", source: "blog" }, fault: { type: "malformed" } },
    { match: { query: "둘 다", source: "cafe" }, fault: { type: "rate-limit" } },
  ]);
  await expect(count(contextOf("둘 다"))).rejects.toMatchObject({ code: "malformed" });
  await testRedis.command("FLUSHDB");
});

test("a cancelled job ends its call, and its keyword is free for the next at once", async () => {
  await sandbox.fault({ match: { query: "취소" }, fault: { type: "hang" } });
  const controller = new AbortController();
  const stopped = count(contextOf("취소", { signal: controller.signal }));
  const ended = expect(stopped).rejects.toMatchObject({ why: "cancelled" });
  await waitFor(async () => (await sandbox.callsOf("취소")).length > 0, { what: "the call" });
  const waiting = countElsewhere(contextOf("취소", { sources: ["blog"] }));
  controller.abort(new Aborted("cancelled"));
  await ended;
  expect((await waiting).counts.blog).toEqual(expect.any(Number));
});

test("a job that was stopped before it began touches nothing", async () => {
  const signal = AbortSignal.abort(new Aborted("drain"));
  await expect(count(contextOf("시작 전", { signal }))).rejects.toMatchObject({ why: "drain" });
  expect(await sandbox.callsOf("시작 전")).toEqual([]);
});

test("a job whose keyword another keeps for itself makes room", async () => {
  await database.query(
    `INSERT INTO document_counts (keyword, source, fetch_token, fetch_until)
     VALUES ('붙잡힘', 'blog', $1, now() + interval '1 min')`,
    [randomUUID()],
  );
  const put = count(contextOf("붙잡힘", { sources: ["blog"] }));
  await expect(put).rejects.toBeInstanceOf(TryLater);
  expect(await sandbox.callsOf("붙잡힘")).toEqual([]);
});

test("a count that Postgres cannot take for a while costs no second call", async () => {
  let outages = 3;
  const flaky: Sql = {
    query: async (text, values) => {
      const isStore = text.includes("fetched_at = now()");
      if (isStore && outages-- > 0) throw new Unavailable(new Error("restarting"));
      return sql.query(text, values);
    },
  };
  const countThere = createDocumentCountProcessor({ sql: flaky, naver, env: {} });
  const { cached } = await countThere(contextOf("정전", { sources: ["blog"] }));
  expect({ cached, outages }).toEqual({ cached: false, outages: -1 });
  expect((await count(contextOf("정전", { sources: ["blog"] }))).cached).toBe(true);
  expect(await sandbox.callsOf("정전")).toHaveLength(1);
});

test("a cache age of 0 asks each time", async () => {
  const env = { DOCUMENT_COUNT_CACHE_HOURS: "0" };
  const countFresh = createDocumentCountProcessor({ sql, naver, env });
  await countFresh(contextOf("새로", { sources: ["kin"] }));
  await countFresh(contextOf("새로", { sources: ["kin"] }));
  expect(await sandbox.callsOf("새로")).toHaveLength(2);
});
