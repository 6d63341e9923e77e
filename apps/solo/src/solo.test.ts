import { existsSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import {
  createTestRedis,
  freePort,
  startProcess,
  temporaryDirectory,
  waitFor,
} from "@ilgam/testing";
import { expect, test } from "vitest";

const entry = path.join(import.meta.dirname, "fixtures/solo-of-stand-ins.ts");
const redis = await createTestRedis();

/** npm start in a data directory of its own; Redis is given so that the machine's is left alone. */
async function start(env: Record<string, string> = {}) {
  const ILGAM_DATA_DIR = env.ILGAM_DATA_DIR ?? (await temporaryDirectory("solo"));
  return startProcess({
    name: "solo",
    entry,
    env: { REDIS_URL: redis.url, ILGAM_DATA_DIR, ...env },
  });
}

const pidOf = (line: string) => Number(/pid (\d+)/.exec(line)?.[1]);

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

test("it says where everything is, which providers are the sandbox, and what to try", async () => {
  const port = await freePort();
  const solo = await start({ PORT: String(port) });
  await solo.waitForLine(/Ctrl-C/);
  await solo.waitForLine(/worker +\| given sandbox http:\/\/127.0.0.1:\d+ off/);
  const text = solo.lines.join("\n");
  expect(text).toContain(`http://127.0.0.1:${port}/docs`);
  expect(text).toMatch(/Postgres +postgresql:\/\/ilgam:/);
  expect(text).toMatch(/Naver search +sandbox/);
  expect(text).toContain(`curl -X POST http://127.0.0.1:${port}/api/documents/batch`);
  expect(await solo.kill("SIGTERM")).toEqual({ code: 0, signal: null });
  expect(solo.lines.join("\n")).toMatch(/worker +\| draining after SIGTERM/);
});

test("with a Redis that is given by its parts none is started here, and no password is shown", async () => {
  const ILGAM_DATA_DIR = await temporaryDirectory("solo");
  const { hostname, port, pathname } = new URL(redis.url);
  const given = { REDIS_HOST: hostname, REDIS_PORT: port, REDIS_DB: pathname.slice(1) };
  const env = { ILGAM_DATA_DIR, REDIS_URL: "", ...given, REDIS_PASSWORD: "s3cret" };
  const solo = await start(env);
  await solo.waitForLine(/Redis +the one of REDIS_HOST/, 30_000);
  expect(existsSync(path.join(ILGAM_DATA_DIR, "redis"))).toBe(false);
  expect(solo.lines.join("\n")).not.toContain("s3cret");
  await solo.kill("SIGTERM");
});

test("a worker that is killed is started again, aloud", async () => {
  const solo = await start();
  const first = pidOf(await solo.waitForLine(/worker +\| pid/));
  process.kill(first, "SIGKILL");
  await solo.waitForLine(/worker ended by itself \(signal SIGKILL\)/);
  await waitFor(() => solo.lines.filter((line) => /worker +\| pid/.test(line)).length === 2, {
    what: "a second worker",
  });
  await solo.kill("SIGTERM");
});

test("a second start on the same data says who has it; the data opens again after kill -9", async () => {
  const ILGAM_DATA_DIR = await temporaryDirectory("solo");
  const first = await start({ ILGAM_DATA_DIR });
  await first.waitForLine(/Ctrl-C/);
  const second = await start({ ILGAM_DATA_DIR });
  await second.waitForLine(new RegExp(`in use by process ${first.pid}`));
  expect(await second.exited).toEqual({ code: 1, signal: null });
  await first.kill("SIGKILL");
  const third = await start({ ILGAM_DATA_DIR });
  await third.waitForLine(/Ctrl-C/, 20_000);
  await third.kill("SIGTERM");
});

test("kill -9 of it leaves no child behind", async () => {
  const solo = await start({ ILGAM_WORKERS: "2" });
  const workers = [
    pidOf(await solo.waitForLine(/worker-1 +\| pid/)),
    pidOf(await solo.waitForLine(/worker-2 +\| pid/)),
  ];
  await solo.waitForLine(/Ctrl-C/);
  await solo.kill("SIGKILL");
  await waitFor(() => workers.every(isGone), { what: "the workers to end" });
});

test("a second signal ends children that do not drain", async () => {
  const solo = await start({ STUBBORN: "1" });
  const worker = pidOf(await solo.waitForLine(/worker +\| pid/));
  await solo.waitForLine(/Ctrl-C/);
  solo.signal("SIGTERM");
  await solo.waitForLine(/worker +\| draining/);
  // Two signals within 300 ms count as one. A third would meet a process that is exiting and has its
  // handlers no more: it would die of it, without its own code.
  const heardAt = performance.now();
  await waitFor(() => performance.now() - heardAt > 350, {
    what: "the time of one signal to pass",
  });
  solo.signal("SIGTERM");
  expect(await solo.exited).toEqual({ code: 130, signal: null });
  await waitFor(() => isGone(worker), { what: "the worker to end" });
});

test("a port that was asked for and is taken is an error that names it", async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  const { port } = holder.address() as { port: number };
  const solo = await start({ PORT: String(port) });
  await solo.waitForLine(new RegExp(`PORT=${port} is taken`));
  expect(await solo.exited).toEqual({ code: 1, signal: null });
  await new Promise((resolve) => holder.close(resolve));
});
