import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { type JobDefinition, resolvePolicy } from "@ilgam/contracts";
import { cancelJobs, createDatabase, ensureQueues } from "@ilgam/db";
import { writeSampleFiles } from "@ilgam/parsing/fixtures";
import { createDispatcher, createSubmitter } from "@ilgam/queue";
import { createStorage } from "@ilgam/storage";
import {
  atFileEnd,
  createTestDatabase,
  createTestRedis,
  startProcess,
  temporaryDirectory,
  waitFor,
} from "@ilgam/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { jobContracts } from "./contracts.ts";
import { startSandbox } from "./document-count/fixtures/sandbox.ts";
import { createFileStore } from "./uploads/file-store.ts";

const [database, redis, sandbox, directory] = await Promise.all([
  createTestDatabase(),
  createTestRedis(),
  startSandbox(),
  temporaryDirectory("conformance"),
]);
const env = {
  DATABASE_URL: database.url,
  REDIS_URL: redis.url,
  LEASE_MS: "1500",
  NAVER_BASE_URL: sandbox.url,
  NAVER_CLIENT_ID: "id",
  NAVER_CLIENT_SECRET: "secret",
  NAVER_PROVIDER: "sandbox",
  NAVER_INTERVAL_MS: "1",
  OPENAI_BASE_URL: `${sandbox.url}/v1`,
  STORAGE_DIR: `${directory}/store`,
};
const kinds = new Map(
  jobContracts.map((definition) => [
    definition.kind,
    { definition, policy: resolvePolicy(definition, env) },
  ]),
);
const db = createDatabase({ url: database.url, size: 2 });
const storage = createStorage({ dir: env.STORAGE_DIR, s3: undefined });
const files = createFileStore({ sql: db.sql, storage });
const samples = await writeSampleFiles(`${directory}/samples`);
const dispatcher = createDispatcher({
  redis: { mode: "single", url: redis.url },
  ...{ db, queues: [...kinds.keys()] },
});
const submitter = createSubmitter({ db, dispatcher, kinds });
atFileEnd("engine", async () => {
  await dispatcher.close();
  await db.close();
});
await ensureQueues(
  db.sql,
  jobContracts.map(({ kind }) => ({ name: kind })),
);

/** The example with a stored file in the place of the one that it names; of texts a new one each time. */
async function prepared(definition: JobDefinition, example: unknown): Promise<unknown> {
  const input = definition.payload.parse(example);
  if (typeof input !== "object" || input === null || !("fileId" in input)) return input;
  const isText = definition.kind.startsWith("document");
  const fileName = isText ? "견본.txt" : "scanned-table.png";
  const content = isText
    ? Readable.from([`견본 ${Math.random()}`])
    : createReadStream(samples["scanned-table.png"]);
  const received = await storage.receive(content, { maxBytes: 1e6, fileName });
  const { id } = await files.save(received, { tenantId: "public", fileName });
  return { ...input, fileId: id };
}

const startWorker = async () => {
  const entry = new URL("../../../apps/worker/src/main.ts", import.meta.url);
  const worker = startProcess({ name: "worker", entry, env });
  await worker.waitForLine(/worker ready/, 30_000);
  return worker;
};

type Row = { status: string; error: { code: string } | null; results: number; output: unknown };

async function submit(definition: JobDefinition, input: unknown): Promise<string> {
  const submitted = await submitter.submit({
    tenantId: "public",
    kind: definition.kind,
    jobs: [{ input, priority: "normal" }],
  });
  const [id] = submitted.status === "accepted" ? submitted.ids : [];
  if (!id) throw new Error("not accepted");
  return id;
}

async function jobOf(id: string): Promise<Row | undefined> {
  const [row] = await database.query<Row>(
    `SELECT status, error, (SELECT count(*) FROM job_results WHERE job_id = $1) AS results,
       (SELECT output FROM job_results WHERE job_id = $1) AS output
     FROM jobs WHERE id = $1`,
    [id],
  );
  return row;
}

const until = (id: string, ...statuses: string[]) =>
  waitFor(
    async () => {
      const job = await jobOf(id);
      return job && statuses.includes(job.status) ? job : undefined;
    },
    { what: `the job to be ${statuses.join(" or ")}`, timeoutMs: 30_000 },
  );
/** The slow call has arrived: whatever comes next finds the upstream quick again. */
const calledUpstream = (id: string) =>
  waitFor(async () => (await sandbox.callsFor(id)) > 0, { what: "the slow call" });
const ended = (id: string) => until(id, "completed", "failed", "cancelled");

/** Makes every call of the kind's upstream take so long that a test can act meanwhile. */
const slowUpstream = (ms: number, times: number) =>
  sandbox.fault({ match: { path: "/v1/*" }, times, fault: { type: "slow", ms } });

let worker: Awaited<ReturnType<typeof startWorker>>;
beforeAll(async () => {
  worker = await startWorker();
}, 60_000);

const all = jobContracts.map((definition) => ({ kind: definition.kind, definition }));
// An internal kind calls no upstream: there is no moment in which a test could act.
const withUpstream = all.filter(({ definition }) => !definition.internal);

describe.each(all)("$kind", ({ definition }) => {
  test("completes each valid example with a result of its schema", async () => {
    for (const example of definition.examples.valid) {
      const job = await ended(await submit(definition, await prepared(definition, example)));
      expect(job).toMatchObject({ status: "completed", error: null, results: 1 });
      expect(definition.result.safeParse(job.output).success).toBe(true);
    }
  }, 60_000);

  test("fails a stored input that does not fit, once and for good", async () => {
    for (const example of definition.examples.invalid) {
      // Postgres refuses these two by itself: no such input is ever stored.
      const text = JSON.stringify(example);
      if (text.includes("\\u0000") || text.includes("\\ud800")) continue;
      const job = await ended(await submit(definition, example));
      expect(job).toMatchObject({ status: "failed", error: { code: "invalid_input" } });
    }
  }, 60_000);
});

describe.each(withUpstream)("$kind", ({ definition }) => {
  test("stops when it is cancelled and leaves no result", async () => {
    await slowUpstream(20_000, 1);
    const id = await submit(definition, await slowExample(definition, "취소"));
    await calledUpstream(id);
    await cancelJobs(db.sql, "public", [id]);
    dispatcher.requestCancel([id]);
    expect(await ended(id)).toMatchObject({ status: "cancelled", results: 0 });
  }, 60_000);

  test("is finished once by another process when its own is killed", async () => {
    await slowUpstream(20_000, 1);
    const id = await submit(definition, await slowExample(definition, "강제"));
    await calledUpstream(id);
    await worker.kill("SIGKILL");
    worker = await startWorker();
    expect(await ended(id)).toMatchObject({ status: "completed", results: 1 });
  }, 60_000);
});

/** A valid payload that no cache can answer. */
async function slowExample(definition: JobDefinition, label: string): Promise<unknown> {
  if (definition.kind === "document-count") {
    return definition.payload.parse({ keyword: `${label} ${Date.now()}` });
  }
  return prepared(definition, definition.examples.valid[0]);
}
