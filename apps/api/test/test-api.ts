import type { JobDefinition } from "@ilgam/contracts";
import {
  createDatabase,
  type Database,
  ensureQueues,
  enterWorker,
  newId,
  type Outcome,
} from "@ilgam/db";
import { createDispatcher, createSubmitter, type Dispatcher } from "@ilgam/queue";
import { createStorage } from "@ilgam/storage";
import { createTestDatabase, createTestRedis, temporaryDirectory } from "@ilgam/testing";
import type { FastifyInstance, InjectOptions } from "fastify";
import { afterAll } from "vitest";
import { type AppOptions, buildApp, readApiEnv, resolveKinds } from "../src/index.ts";
import { createProviders } from "../src/providers/read-providers.ts";
import { testKinds } from "./test-kinds.ts";

export type Answer = {
  status: number;
  headers: Record<string, string | string[] | number | undefined>;
  body: Record<string, unknown> & { id: string };
};

export type TestApi = {
  app: FastifyInstance;
  db: Database;
  dispatcher: Dispatcher;
  call(
    method: string,
    url: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** Submits an echo job and returns its id. */
  submit(more?: Record<string, unknown>): Promise<string>;
  /** Takes the job into hand as a worker does. */
  claim(id: string): Promise<{ epoch: number }>;
  /** Takes it into hand and ends the attempt. */
  run(id: string, outcome?: Outcome): Promise<void>;
};

export type TestApiOptions = Partial<AppOptions> & {
  /** Default: the kinds for tests. */
  catalogue?: readonly JobDefinition[];
};

/** The app on a database and a Redis of the file's own or those given, ended with the file. */
export async function createTestApi(
  env: Record<string, string> = {},
  { catalogue = testKinds, ...options }: TestApiOptions = {},
  services?: { databaseUrl: string; redisUrl: string },
): Promise<TestApi> {
  const url = services?.databaseUrl ?? (await createTestDatabase()).url;
  const redisUrl = services?.redisUrl ?? (await createTestRedis()).url;
  const db = createDatabase({ url, size: 4 });
  const kinds = resolveKinds(catalogue, {});
  const names = [...kinds.keys()].map((name) => ({ name }));
  await ensureQueues(db.sql, names);
  const dispatcher = createDispatcher({
    redis: { mode: "single", url: redisUrl },
    ...{ db, queues: [...kinds.keys()] },
  });
  const providers = createProviders({
    ...{ redis: { mode: "single", url: redisUrl }, sql: db.sql },
    ...{ names: ["openai", "storage"], kinds: catalogue },
  });
  const app = await buildApp({
    providers,
    env: readApiEnv({ DATABASE_URL: url, REDIS_URL: redisUrl, LOG_LEVEL: "silent", ...env }),
    db,
    dispatcher,
    submitter: createSubmitter({ db, dispatcher, kinds }),
    kinds,
    storage: createStorage({ dir: await temporaryDirectory("files"), s3: undefined }),
    ...options,
  });
  afterAll(async () => {
    await app.close();
    providers.close();
    await dispatcher.close();
    await db.close();
  });
  return { app, db, dispatcher, ...verbsOf(app, db) };
}

function verbsOf(app: FastifyInstance, db: Database) {
  const call: TestApi["call"] = async (method, url, body, headers = {}) => {
    const isRaw = typeof body === "string" || Buffer.isBuffer(body) || body instanceof FormData;
    const payload = isRaw ? body : JSON.stringify(body);
    const request = { method, url, headers, ...(payload === undefined ? {} : { payload }) };
    const response = await app.inject(request as InjectOptions);
    // An answer without a body has no fields.
    const parsed: Answer["body"] = JSON.parse(response.body || "{}");
    return { status: response.statusCode, headers: response.headers, body: parsed };
  };
  const claim: TestApi["claim"] = async (id) => {
    const workerId = newId();
    const worker = { workerId, host: "test", pid: 1, version: "0", queues: ["echo"] };
    await enterWorker(db.sql, worker, 60_000);
    const claimed = await db.claim({ id, workerId, token: newId() });
    if (claimed.status !== "claimed") throw new Error(`not claimed: ${claimed.status}`);
    return claimed.job;
  };
  return {
    call,
    claim,
    submit: async (more: Record<string, unknown> = {}) => {
      const job = { kind: "echo", input: { text: "hello" }, ...more };
      const { status, body } = await call("POST", "/v1/jobs", job);
      if (status !== 202) throw new Error(`not accepted: ${JSON.stringify(body)}`);
      return body.id;
    },
    run: async (
      id: string,
      outcome: Outcome = { type: "completed", output: { text: "hello" } },
    ) => {
      const { epoch } = await claim(id);
      await db.settle({ id, epoch, outcome });
    },
  };
}
