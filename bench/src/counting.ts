import { machine, median, percentile } from "./harness/machine.ts";
import { waitFor } from "./harness/process.ts";
import { startProduct } from "./harness/product.ts";
import { startServices } from "./harness/services.ts";

/*
 * Document counts by three worker processes at one call per 20 ms: how close to the pace the calls
 * are as the receiver sees them, and what the death of a worker costs.
 */
const intervalMs = 20;
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const leaseMs = 15_000;

type Call = { receivedAt: number; query: string; source: string };

const services = await startServices();
const product = await startProduct(services, {
  workers: 3,
  env: { NAVER_INTERVAL_MS: String(intervalMs), LEASE_MS: String(leaseMs) },
});

async function count(keywords: string[], meanwhile?: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  const response = await fetch(`${product.url}/api/documents/batch`, {
    method: "POST",
    body: JSON.stringify({ keywords }),
  });
  const { jobId } = (await response.json()) as { jobId: string };
  await meanwhile?.();
  const done = async () => {
    const status = await fetch(`${product.url}/api/documents/status?jobId=${jobId}`);
    const { job } = (await status.json()) as { job: { status: string } };
    return job.status === "completed";
  };
  await waitFor(done, "the batch", { timeoutMs: 120_000, everyMs: 100 });
  return performance.now() - startedAt;
}

async function callsOf(work: () => Promise<unknown>): Promise<number[]> {
  await fetch(`${product.sandboxUrl}/__sandbox/calls`, { method: "DELETE" });
  await work();
  const log = await fetch(`${product.sandboxUrl}/__sandbox/calls`);
  const { calls } = (await log.json()) as { calls: Call[] };
  return calls.map((call) => call.receivedAt).sort((a, b) => a - b);
}

/** Calls in the fullest window of `ms`. */
function fullest(times: number[], ms: number): number {
  let first = 0;
  let most = 0;
  times.forEach((time, last) => {
    while (time - (times[first] as number) >= ms) first += 1;
    most = Math.max(most, last - first + 1);
  });
  return most;
}

/** Share of the permitted calls that were made in the 10 s from the second second on. */
function used(times: number[]): number {
  const from = (times[0] as number) + 1_000;
  const made = times.filter((time) => time >= from && time < from + 10_000).length;
  return made / (10_000 / intervalMs);
}

const keywords = (label: string, length: number) =>
  Array.from({ length }, (_, index) => `${label} ${index}`);

try {
  const busiest: number[] = [];
  const shares: number[] = [];
  const gaps: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const times = await callsOf(() => count(keywords(`pace ${round}`, 220)));
    busiest.push(fullest(times, 1_000));
    shares.push(used(times));
    gaps.push(
      percentile(
        times.slice(1).map((time, at) => time - (times[at] as number)),
        0.01,
      ),
    );
  }
  const twins = await callsOf(() => Promise.all([1, 2].map(() => count(keywords("twins", 100)))));
  const whole = await count(keywords("whole", 100));
  const repeats = await callsOf(async () => {
    const killed = await count(keywords("killed", 100), async () => {
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      product.workers.pop()?.kill("SIGKILL");
    });
    console.log(
      `kill -9: done ${Math.round(killed - whole)} ms later than without (lease ${leaseMs} ms)`,
    );
  });
  console.log(`${machine()}; ${rounds} rounds; median (range)`);
  const show = (values: number[], digits: number) =>
    `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)})`;
  console.table({
    "calls in the fullest second, 50 permitted": show(busiest, 0),
    "share of the permitted calls used over 10 s, %": show(
      shares.map((one) => one * 100),
      1,
    ),
    "1st percentile of the gap at the receiver, ms": show(gaps, 1),
    "calls of two batches of the same 100 keywords": twins.length,
    "calls of 100 keywords with a worker killed": repeats.length,
  });
} finally {
  await product.stop();
  await services.stop();
}
