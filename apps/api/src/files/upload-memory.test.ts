import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import {
  createTestDatabase,
  createTestRedis,
  freePort,
  startProcess,
  temporaryDirectory,
} from "@ilgam/testing";
import { expect, test } from "vitest";

const MiB = 2 ** 20;
const chunk = Buffer.alloc(65_536, "가나다라마바사 \n");

/** Uploads a text of so many bytes as the socket takes it; resolves with the status. */
function upload(url: string, bytes: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "multipart/form-data; boundary=x" };
    const sent = request(`${url}/v1/files`, { method: "POST", headers, agent: false }, (answer) => {
      answer.resume().once("end", () => resolve(answer.statusCode));
    });
    sent.once("error", reject);
    sent.write('--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n');
    let left = bytes;
    const pump = () => {
      while (left > 0) {
        const part = chunk.subarray(0, Math.min(left, chunk.length));
        left -= part.length;
        if (!sent.write(part)) return void sent.once("drain", pump);
      }
      sent.end("\r\n--x--\r\n");
    };
    pump();
  });
}

const onLinux = process.platform === "linux";
test.skipIf(!onLinux)(
  "eight uploads of 50 MB at once grow the API by less than 30 MB",
  { timeout: 120_000 },
  async () => {
    const PORT = String(await freePort());
    const url = `http://127.0.0.1:${PORT}`;
    const api = startProcess({
      name: "api",
      entry: new URL("../fixtures/test-server.ts", import.meta.url),
      env: {
        ...{ DATABASE_URL: (await createTestDatabase()).url, PORT, LOG_LEVEL: "silent" },
        ...{ REDIS_URL: (await createTestRedis()).url },
        STORAGE_DIR: await temporaryDirectory("files"),
        // Garbage that a busy machine has not collected yet is not held: little of it can pile up.
        NODE_OPTIONS: "--max-semi-space-size=2",
      },
    });
    await api.waitForHttp(`${url}/healthz`);
    const rss = async () =>
      Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${api.pid}/status`, "utf8"))?.[1]) * 1_024;
    // Code that runs for the first time takes memory once, whatever is uploaded.
    for (let at = 0; at < 3; at += 1) expect(await upload(url, MiB)).toBe(201);
    const before = await rss();
    let peak = before;
    let done = false;
    const watching = (async () => {
      for (; !done; await delay(10)) peak = Math.max(peak, await rss());
    })();
    const statuses = await Promise.all(Array.from({ length: 8 }, () => upload(url, 50 * MiB)));
    done = true;
    await watching;
    expect(statuses).toEqual(Array(8).fill(201));
    expect((peak - before) / MiB).toBeLessThan(30);
  },
);
