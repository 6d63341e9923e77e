import { createPool, type Pool } from "@ilgam/db";
import { freePort } from "@ilgam/local-services";
import autocannon from "autocannon";
import { type Contestant, startContestant } from "./contestants/contestant.ts";
import { machine, median } from "./harness/machine.ts";
import { waitFor } from "./harness/process.ts";
import { startServices } from "./harness/services.ts";

/*
 * Durable submissions a second over HTTP, and no-op jobs a second from the first submission to the
 * last completion, beside what one writes first (Fastify, Prisma create, queue.add). Both on the
 * same Postgres and Redis, in turns, so that the machine's mood hits both.
 */
const rounds = Number(process.env.BENCH_ROUNDS ?? 5);
const jobs = Number(process.env.BENCH_JOBS ?? 5_000);
const connections = 64;

type Figures = { submits: number[]; ends: number[] };

/** Posts the same job again and again; resolves to the time of the last answer, milliseconds. */
function post(contestant: Contestant, kind: string): Promise<number> {
  const startedAt = performance.now();
  // autocannon itself reports at the next whole second only.
  let lastAt = startedAt;
  return new Promise((resolve, reject) => {
    const load = autocannon(
      {
        url: `http://127.0.0.1:${contestant.port}/v1/jobs`,
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ kind, input: { n: 1 } }),
        connections,
        amount: jobs,
      },
      (error, result) => {
        if (error) reject(error);
        else if (result["2xx"] !== jobs) {
          reject(new Error(`${contestant.name}: ${jobs - result["2xx"]} refused`));
        } else resolve(lastAt - startedAt);
      },
    );
    load.on("response", () => {
      lastAt = performance.now();
    });
  });
}

async function round(contestant: Contestant, kind: string, sql: Pool): Promise<[number, number]> {
  await sql.query("TRUNCATE jobs, job_inputs, job_results, job_attempts, job_events");
  const startedAt = performance.now();
  const posting = post(contestant, kind);
  // The end is looked for while autocannon still waits for its own second to be over.
  const done = async () => {
    const [row] = await sql.query<{ completed: number }>(
      "SELECT count(*) AS completed FROM jobs WHERE status = 'completed'",
    );
    return row?.completed === jobs;
  };
  await waitFor(done, `the jobs of ${contestant.name}`, { timeoutMs: 120_000, everyMs: 20 });
  const endMs = performance.now() - startedAt;
  const submitMs = await posting;
  return [(jobs / submitMs) * 1_000, (jobs / endMs) * 1_000];
}

function show(values: number[]): string {
  const round = (value: number) => Math.round(value).toLocaleString("en");
  return `${round(median(values))} (${round(Math.min(...values))}–${round(Math.max(...values))})`;
}

const services = await startServices();
const sql = createPool({ url: services.databaseUrl, size: 2, queryTimeoutMs: 120_000 });
const figures: Record<"ilgam" | "naive", Figures> = {
  ilgam: { submits: [], ends: [] },
  naive: { submits: [], ends: [] },
};
try {
  const contestants = [
    {
      kind: "noop",
      name: "ilgam",
      api: "bench/src/contestants/ilgam-api.ts",
      worker: "bench/src/contestants/ilgam-worker.ts",
    },
    {
      kind: "naive",
      name: "naive",
      api: "bench/src/contestants/naive/api.ts",
      worker: "bench/src/contestants/naive/worker.ts",
    },
  ] as const;
  // One round to warm up, which does not count.
  for (let turn = 0; turn <= rounds; turn += 1) {
    for (const { kind, ...entry } of contestants) {
      const contestant = await startContestant(services, { ...entry, port: await freePort() });
      try {
        await round(contestant, kind, sql);
        const [submit, end] = await round(contestant, kind, sql);
        if (turn > 0) {
          figures[entry.name].submits.push(submit);
          figures[entry.name].ends.push(end);
        }
      } finally {
        await contestant.stop();
      }
    }
  }
} finally {
  await sql.close();
  await services.stop();
}

const { ilgam: ours, naive } = figures;
console.log(machine());
console.log(`${rounds} rounds of ${jobs} jobs over ${connections} connections; median (range)`);
console.table({
  "durable submits/s": {
    ilgam: show(ours.submits),
    naive: show(naive.submits),
    ratio: (median(ours.submits) / median(naive.submits)).toFixed(2),
  },
  "no-op jobs/s, end to end": {
    ilgam: show(ours.ends),
    naive: show(naive.ends),
    ratio: (median(ours.ends) / median(naive.ends)).toFixed(2),
  },
});
