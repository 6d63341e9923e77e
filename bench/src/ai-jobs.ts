import { machine, median, percentile } from "./harness/machine.ts";
import { waitFor } from "./harness/process.ts";
import { startProduct } from "./harness/product.ts";
import { startServices } from "./harness/services.ts";

/*
 * AI jobs as their clients see them, one request at a time beside work that runs: how long it takes
 * to create one, to look at one, until a step that began is seen, from the end of a simple question's
 * job to its answer, and from a cancel to the closed connection.
 */
const samples = Number(process.env.BENCH_SAMPLES ?? 300);
const slowSamples = Math.min(samples, 40);
const complex = "모든 서버 분석하고 최적화 리포트 만들어줘";

type Job = { jobId: string; status: string; progress: number; currentStep: string | null };
type Call = { idempotencyKey: string | null; receivedAt: number; abortedAt: number | null };

const services = await startServices();
const product = await startProduct(services, { workers: 1 });
const epochMs = () => performance.timeOrigin + performance.now();

async function ask<Body>(method: string, path: string, body?: unknown) {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const since = performance.now();
  const response = await fetch(`${product.url}${path}`, { method, ...sent });
  const answer = (await response.json()) as Body;
  return { ms: performance.now() - since, answer, status: response.status };
}

const create = (query: string) =>
  ask<Job>("POST", "/api/ai/jobs", { type: "report", query, metadata: { data: [{ cpu: 91 }] } });
const look = (jobId: string) => ask<Job>("GET", `/api/ai/jobs/${jobId}`);

async function sandbox<Body>(method: string, path: string, body?: unknown): Promise<Body> {
  const response = await fetch(`${product.sandboxUrl}/__sandbox${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return (response.status === 204 ? undefined : await response.json()) as Body;
}

async function callOf(jobId: string): Promise<Call | undefined> {
  const { calls } = await sandbox<{ calls: Call[] }>("GET", "/calls");
  return calls.find((call) => call.idempotencyKey?.startsWith(jobId));
}

async function drained(): Promise<void> {
  const done = async () => {
    const { answer } = await ask<{ waiting: number; processing: number }>(
      "GET",
      "/v1/queues/ai-analysis/backlog",
    );
    return answer.waiting + answer.processing === 0;
  };
  await waitFor(done, "the queue to be empty", { timeoutMs: 120_000, everyMs: 200 });
}

/** Creates jobs that wait or run, and looks at each. */
async function createAndLook(): Promise<{ creates: number[]; looks: number[] }> {
  const creates: number[] = [];
  const looks: number[] = [];
  for (let n = 0; n < samples; n += 1) {
    const created = await create(complex);
    if (created.status !== 202) throw new Error(`${created.status}`);
    creates.push(created.ms);
    looks.push((await look(created.answer.jobId)).ms);
  }
  await drained();
  return { creates, looks };
}

/** From the moment the model is called to the poll that shows "AI 분석 중"; polled every 5 ms. */
async function stepSeen(): Promise<number> {
  await sandbox("POST", "/faults", { match: { path: "/v1/*" }, fault: { type: "slow", ms: 800 } });
  const { answer } = await create(complex);
  let seenAt = 0;
  await waitFor(
    async () => {
      if ((await look(answer.jobId)).answer.progress < 50) return false;
      seenAt = epochMs();
      return true;
    },
    "the step",
    { everyMs: 5 },
  );
  const call = await callOf(answer.jobId);
  await drained();
  return Math.max(0, seenAt - (call?.receivedAt ?? seenAt));
}

/** From the job's end by Postgres' clock, which is this machine's, to the answer. */
async function endToAnswer(): Promise<number> {
  const { answer } = await create("web-01 CPU 사용률은?");
  const answeredAt = epochMs();
  const { answer: job } = await ask<{ completedAt: string }>("GET", `/api/ai/jobs/${answer.jobId}`);
  return answeredAt - Date.parse(job.completedAt);
}

/** From the cancel's request to the closed connection at the model's side. */
async function cancelToClosed(): Promise<number> {
  await sandbox("POST", "/faults", { match: { path: "/v1/*" }, fault: { type: "hang" } });
  const { answer } = await create(complex);
  await waitFor(async () => (await callOf(answer.jobId)) !== undefined, "the call", { everyMs: 5 });
  const since = epochMs();
  await ask("DELETE", `/api/ai/jobs/${answer.jobId}`);
  let closedAt: number | null | undefined;
  await waitFor(
    async () => {
      closedAt = (await callOf(answer.jobId))?.abortedAt;
      return typeof closedAt === "number";
    },
    "the connection to be closed",
    { everyMs: 5 },
  );
  await sandbox("DELETE", "/calls");
  return (closedAt ?? Number.NaN) - since;
}

async function repeat(times: number, measure: () => Promise<number>): Promise<number[]> {
  const values: number[] = [];
  for (let n = 0; n < times; n += 1) values.push(await measure());
  return values;
}

function row(values: number[], target: number | string) {
  const show = (value: number) => Number(value.toFixed(1));
  return {
    median: show(median(values)),
    p99: show(percentile(values, 0.99)),
    range: `${show(Math.min(...values))}–${show(Math.max(...values))}`,
    samples: values.length,
    target,
  };
}

try {
  for (let n = 0; n < 30; n += 1) await create("web-01 CPU 사용률은?");
  const { creates, looks } = await createAndLook();
  await sandbox("DELETE", "/calls");
  const answers = await repeat(samples, endToAnswer);
  await sandbox("DELETE", "/calls");
  const seen = await repeat(slowSamples, stepSeen);
  await sandbox("DELETE", "/calls");
  const closed = await repeat(slowSamples, cancelToClosed);
  console.log(`${machine()}; milliseconds`);
  console.table({
    "create (202)": row(creates, 20),
    "poll, while jobs run": row(looks, 10),
    "a step's begin to its poll": row(seen, 200),
    "a simple job's end to its answer": row(answers, "some 10"),
    "cancel to the closed connection": row(closed, 1_000),
  });
} finally {
  await product.stop();
  await services.stop();
}
