import { openAsBlob } from "node:fs";
import { appendFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "@ilgam/local-services";
import { writeLongReport } from "@ilgam/parsing/fixtures";
import { machine, median } from "./harness/machine.ts";
import { end, isUp, launch, waitFor } from "./harness/process.ts";
import { startServices } from "./harness/services.ts";

/*
 * What a long PDF costs a new worker: its highest memory, that of the process which reads the PDF, and
 * the time from the upload to the end. Ends with 1 when a worker takes more than 400 MB.
 * BENCH_PAGES: 300, BENCH_ROUNDS (a worker each): 3, BENCH_DOCUMENTS (of each worker): 1,
 * BENCH_DIMENSIONS: 1,536.
 */
const mostMB = 400;
const pages = Number(process.env.BENCH_PAGES ?? 300);
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const documents = Number(process.env.BENCH_DOCUMENTS ?? 1);
const dimensions = process.env.BENCH_DIMENSIONS ?? "1536";

const services = await startServices();
const directory = await mkdtemp(path.join(tmpdir(), "ilgam-documents-"));
const [port, sandboxPort] = await Promise.all([freePort(), freePort()]);
const url = `http://127.0.0.1:${port}`;
const sandboxUrl = `http://127.0.0.1:${sandboxPort}`;
const env = {
  ...{ DATABASE_URL: services.databaseUrl, REDIS_URL: services.redisUrl, LOG_LEVEL: "warn" },
  ...{ OPENAI_BASE_URL: `${sandboxUrl}/v1`, OPENAI_API_KEY: "sandbox" },
  ...{ NAVER_BASE_URL: sandboxUrl, NAVER_CLIENT_ID: "id", NAVER_CLIENT_SECRET: "secret" },
  ...{ STORAGE_DIR: path.join(directory, "files"), EMBEDDING_DIMENSIONS: dimensions },
};
const sandbox = launch("apps/sandbox/src/main.ts", { PORT: String(sandboxPort) });
const api = launch("apps/api/src/server.ts", { ...env, PORT: String(port) });

/** A value of /proc in MB (10^6 bytes); 0 for a process that has gone. */
async function memoryMB(pid: number | string, name: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return (Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) * 1_024) / 1e6;
}

async function childrenOf(pid: number): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (one) => {
      const status = await readFile(`/proc/${one}/status`, "utf8").catch(() => "");
      return Number(/PPid:\s+(\d+)/.exec(status)?.[1]) === pid ? [one] : [];
    }),
  );
  return found.flat();
}

type Status = { status: string; progress: number; error: string | null };

async function processOnce(workerPid: number, name: string) {
  const file = path.join(directory, name);
  await writeLongReport(file, pages);
  // Another file each time, or the results of the one before would be taken over.
  await appendFile(file, `\n% ${name}\n`);
  const form = new FormData();
  form.append("file", await openAsBlob(file), name);
  const startedAt = performance.now();
  const response = await fetch(`${url}/api/v1/documents/upload`, { method: "POST", body: form });
  const { document_id: id } = (await response.json()) as { document_id: number };
  let status: Status;
  let reader = 0;
  do {
    for (const child of await childrenOf(workerPid)) {
      reader = Math.max(reader, await memoryMB(child, "VmHWM"));
    }
    await delay(100);
    const answer = await fetch(`${url}/api/v1/documents/${id}/status`);
    status = (await answer.json()) as Status;
  } while (!["completed", "failed"].includes(status.status));
  if (status.status === "failed") throw new Error(`the document failed: ${status.error}`);
  const seconds = (performance.now() - startedAt) / 1_000;
  const answer = await fetch(`${url}/api/v1/documents/${id}`);
  const { document } = (await answer.json()) as { document: { pages: number; chunks: number } };
  return { seconds, reader, ...document };
}

/** A new worker and its documents. */
async function measure(round: number) {
  const worker = launch("apps/worker/src/main.ts", env);
  const { pid } = worker;
  if (pid === undefined) throw new Error("the worker did not start");
  try {
    await waitFor(async () => (await workers()) === 1, "a worker");
    const idle = await memoryMB(pid, "VmRSS");
    const made: Awaited<ReturnType<typeof processOnce>>[] = [];
    for (let at = 0; at < documents; at += 1) {
      made.push(await processOnce(pid, `${round}-${at}.pdf`));
    }
    return { idle, highest: await memoryMB(pid, "VmHWM"), made };
  } finally {
    await end(worker);
  }
}

/** Workers that take jobs. */
async function workers(): Promise<number> {
  const answer = await fetch(`${url}/v1/workers`);
  const { workers: all } = (await answer.json()) as { workers: { status: string }[] };
  return all.filter(({ status }) => status === "consuming").length;
}

const range = (of: number[], digits = 0) =>
  `${median(of).toFixed(digits)} (${Math.min(...of).toFixed(digits)}–${Math.max(...of).toFixed(digits)})`;

let highest = Number.POSITIVE_INFINITY;
try {
  await waitFor(() => isUp(`${url}/acceptz`), "the API");
  console.log(`${machine()}; ${pages} pages, vectors of ${dimensions}, ${rounds} workers`);
  const measured: Awaited<ReturnType<typeof measure>>[] = [];
  for (let round = 0; round < rounds; round += 1) measured.push(await measure(round));
  const made = measured.flatMap((one) => one.made);
  highest = Math.max(...measured.map((one) => one.highest));
  console.log(`${made[0]?.pages} pages became ${made[0]?.chunks} chunks with their vectors`);
  const seconds = made.map((one) => one.seconds);
  console.log(`time: ${range(seconds, 1)} s`);
  console.log(`worker before, MB: ${range(measured.map((one) => one.idle))}`);
  console.log(`worker at most, MB: ${range(measured.map((one) => one.highest))}`);
  console.log(`the process that reads the PDF, MB: ${range(made.map((one) => one.reader))}`);
  console.log(`${highest < mostMB ? "holds" : "FAILS"}: the worker stays below ${mostMB} MB`);
} finally {
  await Promise.all([api, sandbox].map(end));
  await services.stop();
  await rm(directory, { recursive: true, force: true });
}
process.exit(highest < mostMB ? 0 : 1);
