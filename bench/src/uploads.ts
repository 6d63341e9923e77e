import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "@ilgam/local-services";
import { machine, median } from "./harness/machine.ts";
import { end, isUp, launch, waitFor } from "./harness/process.ts";
import { startServices } from "./harness/services.ts";

/*
 * What uploads cost the API in memory: 50 MB, one and eight at once; and what is left of one that is
 * too large or whose client goes away. Ends with 1 when a bound does not hold. BENCH_ROUNDS: 5.
 */
const MiB = 2 ** 20;
const mostGrowth = 30;
const rounds = Number(process.env.BENCH_ROUNDS ?? 5);

const services = await startServices();
const filesDir = await mkdtemp(path.join(tmpdir(), "ilgam-uploads-"));
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const api = launch("apps/api/src/server.ts", {
  ...{ DATABASE_URL: services.databaseUrl, REDIS_URL: services.redisUrl, PORT: String(port) },
  ...{ STORAGE_DIR: filesDir, LOG_LEVEL: "silent" },
  // STORAGE_S3_… of the caller: the same against a bucket.
  ...(Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name.startsWith("STORAGE_S3_")),
  ) as Record<string, string>),
});
let failed = false;

async function rssMiB(): Promise<number> {
  const status = await readFile(`/proc/${api.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024;
}

async function filesLeft(): Promise<number> {
  const entries = await readdir(filesDir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}

const head = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n';
const chunk = Buffer.alloc(65_536, "가나다라마바사 \n");

/** Uploads a text of so many bytes; resolves with the status, or 0 when it was cut at `cutAt`. */
function upload(bytes: number, cutAt = Number.POSITIVE_INFINITY): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "multipart/form-data; boundary=x" };
    const sent = request(`${url}/v1/files`, { method: "POST", headers, agent: false }, (answer) => {
      answer.resume().once("end", () => resolve(answer.statusCode ?? 0));
    });
    sent.once("error", (error) => (cutAt < bytes ? resolve(0) : reject(error)));
    sent.write(head);
    let left = bytes;
    const pump = () => {
      while (left > 0) {
        if (bytes - left >= cutAt) return void sent.destroy();
        const part = chunk.subarray(0, Math.min(left, chunk.length));
        left -= part.length;
        if (!sent.write(part)) return void sent.once("drain", pump);
      }
      sent.end("\r\n--x--\r\n");
    };
    pump();
  });
}

/** Peak of the process' memory while `work` runs, over what it was before, in MiB. */
async function growthOf(work: () => Promise<unknown>): Promise<number> {
  const before = await rssMiB();
  let peak = before;
  let done = false;
  const watched = (async () => {
    while (!done) {
      peak = Math.max(peak, await rssMiB());
      await delay(10);
    }
  })();
  await work();
  done = true;
  await watched;
  return peak - before;
}

function expectThat(holds: boolean, what: string): void {
  console.log(`${holds ? "holds" : "FAILS"}: ${what}`);
  if (!holds) failed = true;
}

try {
  await waitFor(() => isUp(`${url}/healthz`), "the API");
  console.log(`${machine()}; ${rounds} rounds`);
  // Code that runs for the first time takes memory once, whatever is uploaded.
  for (let at = 0; at < 3; at += 1) await upload(MiB);
  for (const parallel of [1, 8]) {
    const growths: number[] = [];
    const seconds: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const startedAt = performance.now();
      growths.push(
        await growthOf(() => Promise.all(Array.from({ length: parallel }, () => upload(50 * MiB)))),
      );
      seconds.push((performance.now() - startedAt) / 1_000);
    }
    const worst = Math.max(...growths);
    console.log(
      `${parallel} × 50 MiB: memory grew by ${median(growths).toFixed(1)} MiB ` +
        `(${Math.min(...growths).toFixed(1)}–${worst.toFixed(1)}), ${median(seconds).toFixed(2)} s`,
    );
    expectThat(worst < mostGrowth, `${parallel} × 50 MiB grow it by less than ${mostGrowth} MiB`);
  }
  const kept = await filesLeft();
  expectThat((await upload(51 * MiB)) === 413, "51 MiB is refused with 413");
  expectThat((await filesLeft()) === kept, "nothing of it is left");
  expectThat((await upload(50 * MiB, 20 * MiB)) === 0, "a client goes away in the middle");
  await waitFor(async () => (await filesLeft()) === kept, "its file to go");
  expectThat(true, "nothing of it is left");
} finally {
  await end(api);
  await services.stop();
  await rm(filesDir, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
