import { readFileSync } from "node:fs";
import { createPool } from "@ilgam/db";
import { redisCommands } from "@ilgam/local-services";
import { machine } from "./harness/machine.ts";
import { waitFor } from "./harness/process.ts";
import { startProduct } from "./harness/product.ts";
import { startServices } from "./harness/services.ts";

/*
 * What an outage of the AI service costs while many jobs wait for it: CPU of the worker, the API,
 * Redis and Postgres over a minute, and the calls into the outage. Compared with a quiet minute.
 */
const jobs = Number(process.env.BENCH_JOBS ?? 10_000);
const seconds = Number(process.env.BENCH_SECONDS ?? 60);

const services = await startServices();
const product = await startProduct(services, { workers: 1 });
const pool = createPool({ url: services.databaseUrl, size: 1, applicationName: "bench" });

const sandbox = (method: string, path: string, body?: object) =>
  fetch(`${product.sandboxUrl}/__sandbox/${path}`, {
    ...{ method, ...(body && { body: JSON.stringify(body) }) },
  });

/** CPU seconds of a process and of all its children's children, from the kernel. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function cpu() {
  const [info] = await redisCommands(services.redisUrl, [["INFO", "cpu"]]);
  const redis = [...String(info).matchAll(/used_cpu_(?:sys|user):([\d.]+)/g)];
  const backends = await pool.query<{ pid: number }>("SELECT pid FROM pg_stat_activity");
  const [worker] = product.workers;
  return {
    worker: cpuOf(worker?.pid ?? 0),
    api: cpuOf(product.apiPid),
    redis: redis.reduce((sum, [, value]) => sum + Number(value), 0),
    postgres: backends.reduce((sum, { pid }) => sum + cpuOf(pid), 0),
  };
}

async function minute(): Promise<Record<string, string>> {
  const before = await cpu();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  const after = await cpu();
  const share = (name: keyof typeof before) =>
    `${(((after[name] - before[name]) / seconds) * 100).toFixed(2)} %`;
  const sum = Object.keys(before).reduce(
    (total, name) =>
      total + after[name as keyof typeof after] - before[name as keyof typeof before],
    0,
  );
  return {
    ...{ worker: share("worker"), api: share("api"), redis: share("redis") },
    ...{ postgres: share("postgres"), "all, of a core": `${((sum / seconds) * 100).toFixed(2)} %` },
  };
}

async function submit(): Promise<void> {
  const question = {
    ...{ passageContent: "지문", passageComment: "", subject: "국어", level: "고등학교" },
    ...{ questionText: "물음", options: ["가", "나"], correctAnswer: "가" },
  };
  for (let start = 0; start < jobs; start += 1_000) {
    const count = Math.min(1_000, jobs - start);
    const one = { kind: "explanation", input: { question } };
    const body = JSON.stringify({ jobs: Array.from({ length: count }, () => one) });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${product.url}/v1/jobs/bulk`, { method: "POST", headers, body });
    if (answer.status >= 300) throw new Error(`${answer.status} ${await answer.text()}`);
  }
}

async function held(): Promise<number> {
  const [row] = await pool.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM jobs WHERE held_since IS NOT NULL",
  );
  return row?.count ?? 0;
}

try {
  const quiet = await minute();
  const fault = { type: "status", status: 503 };
  await sandbox("POST", "faults", { match: { path: "/v1/*" }, times: 1_000_000, fault });
  await submit();
  const from = performance.now();
  await waitFor(async () => (await held()) >= jobs, "all jobs to be held", { timeoutMs: 120_000 });
  const toldMs = performance.now() - from;
  await sandbox("DELETE", "calls");
  const away = await minute();
  const calls = (await (await sandbox("GET", "calls")).json()) as { calls: object[] };
  console.log(`${machine()}; ${jobs} explanations wait; ${seconds} s each`);
  console.table({ quiet, away });
  console.log(`all told that they wait after ${(toldMs / 1_000).toFixed(1)} s`);
  console.log(`${calls.calls.length} calls into the outage in ${seconds} s`);
} finally {
  await pool.close();
  await product.stop();
  await services.stop();
}
