import { GiveUp, RetryableError, TryLater } from "@ilgam/contracts";
import { createDatabase } from "@ilgam/db";
import { type JobContext, startWorkers } from "@ilgam/queue";
import { atFileEnd, createTestDatabase, createTestRedis, waitFor } from "@ilgam/testing";
import { resolveKinds } from "../src/index.ts";
import { createTestApi, type TestApi } from "./test-api.ts";
import { echo, housekeeping, testKinds } from "./test-kinds.ts";
import { adminKey } from "./test-login.ts";

export type TestBoard = TestApi & {
  /** Submits a job whose text says what its handler does; resolves when it shows the status. */
  submitUntil(text: string, status: string): Promise<string>;
  /** Calls as the operator. */
  callAsOperator: TestApi["call"];
};

/** What the handler of `echo` does, by the text of the job and its attempt. */
async function act({ payload, job, signal }: JobContext<{ text: string }>) {
  const { text } = payload;
  if (text === "broken") throw new GiveUp("the input is broken", { code: "broken_input" });
  if (text === "flaky" && job.attempt < 3) {
    throw new RetryableError("the service was away", { code: "service_away", delayMs: 1 });
  }
  if (text === "hopeless") {
    throw new RetryableError("the service is gone", { code: "service_gone", delayMs: 1 });
  }
  if (text === "later") throw new TryLater(60_000, "the quota is spent");
  if (text === "endless") {
    await new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  }
  return { text };
}

/** An API that asks for the admin key, and a worker beside it that does the jobs. */
export async function createTestBoard(): Promise<TestBoard> {
  const [{ url }, redis] = [await createTestDatabase(), await createTestRedis()];
  const env = { AUTH_MODE: "required", ADMIN_API_KEY: adminKey };
  const api = await createTestApi(env, {}, { databaseUrl: url, redisUrl: redis.url });
  const db = createDatabase({ url, size: 4, applicationName: "worker" });
  const kinds = resolveKinds(testKinds, {});
  const policyOf = (kind: string) => {
    const policy = kinds.get(kind)?.policy;
    if (!policy) throw new Error(`there is no kind ${kind}`);
    return { ...policy, concurrency: 4, timeoutMs: 60_000 };
  };
  const worker = await startWorkers({
    ...{ db, redis: { mode: "single", url: redis.url }, version: "test" },
    catalogue: [
      { definition: echo, policy: policyOf("echo"), handler: { process: act } },
      {
        ...{ definition: housekeeping, policy: policyOf("housekeeping") },
        handler: { process: async () => ({}) },
      },
    ],
  });
  atFileEnd("worker", async () => {
    await worker.stop(300);
    await db.close();
  });
  const callAsOperator: TestApi["call"] = (method, address, body, headers = {}) =>
    api.call(method, address, body, { authorization: `Bearer ${adminKey}`, ...headers });
  return {
    ...api,
    callAsOperator,
    submitUntil: async (text, status) => {
      const job = { kind: "echo", input: { text } };
      const { body } = await callAsOperator("POST", "/v1/jobs", job);
      const look = () => callAsOperator("GET", `/v1/jobs/${body.id}`);
      await waitFor(async () => (await look()).body.status === status, {
        what: `the job "${text}" to be ${status}`,
      });
      return body.id;
    },
  };
}
