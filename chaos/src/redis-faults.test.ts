import { createServer, type Socket } from "node:net";
import { redisCommands } from "@ilgam/local-services";
import { atFileEnd, waitFor } from "@ilgam/testing";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { expectNothingLost } from "./oracles.ts";
import { type Api, createStand, drained, type Stand, submitProbes } from "./stand.ts";

describe("when Redis forgets or is away", () => {
  let stand: Stand;
  let api: Api;

  beforeAll(async () => {
    stand = await createStand();
    api = await stand.startApi();
    await stand.startWorker();
    await stand.startWorker();
  }, 60_000);

  beforeEach(async () => {
    await stand.query("TRUNCATE jobs, job_results, job_history, job_attempts");
  });

  const open = async () => {
    const [row] = await stand.query<{ count: number }>(
      "SELECT count(*) AS count FROM jobs WHERE status = 'queued'",
    );
    return row?.count ?? 0;
  };

  test("FLUSHALL with jobs waiting and running loses none and repeats none", async () => {
    const accepted = await submitProbes(api, Array(1_000).fill({ sleepMs: 40 }));
    expect(await open(), "the fault bites").toBeGreaterThan(500);
    await redisCommands(stand.redis.url, [["FLUSHALL"]], 10_000);
    await drained(stand);
    await expectNothingLost(stand, { accepted });
  }, 90_000);

  test("jobs submitted while Redis is down are accepted at once and run when it is back", async () => {
    await stand.redis.stop();
    const accepted = await submitProbes(api, Array(300).fill({ sleepMs: 1 }));
    expect(accepted).toHaveLength(300);
    expect(await open()).toBe(300);
    const ready = await fetch(`${api.url}/readyz`);
    const acceptable = await fetch(`${api.url}/acceptz`);
    expect([ready.status, acceptable.status]).toEqual([503, 200]);
    await stand.redis.start();
    await drained(stand);
    await expectNothingLost(stand, { accepted });
  }, 90_000);

  test("kill -9 of Redis in the middle loses nothing", async () => {
    const accepted = await submitProbes(api, Array(600).fill({ sleepMs: 40 }));
    await waitFor(async () => (await open()) < 550, { what: "work to begin" });
    await stand.redis.kill();
    expect(await open(), "the fault bit").toBeGreaterThan(0);
    await stand.redis.start();
    await drained(stand);
    // What ran at that moment may be delivered once more; the claim refuses it.
    await expectNothingLost(stand, { accepted });
  }, 90_000);

  test("a worker that Redis does not answer any more is not ready", async () => {
    const other = await createStand();
    const otherApi = await other.startApi();
    await other.startWorker();
    await otherApi.waitForHttp(`${otherApi.url}/readyz`);
    other.redis.freeze();
    await otherApi.waitForHttp(`${otherApi.url}/readyz`, { status: 503 });
    const alive = await other.query("SELECT 1 FROM worker_leases WHERE lease_until > now()");
    expect(alive, "the worker lives").toHaveLength(1);
    const consuming = () => other.query("SELECT 1 FROM worker_leases WHERE consuming");
    await waitFor(async () => (await consuming()).length === 0, { what: "its own word" });
    other.redis.thaw();
    await otherApi.waitForHttp(`${otherApi.url}/readyz`, { timeoutMs: 30_000 });
  }, 90_000);

  test("an API killed after the commit and before the add loses nothing", async () => {
    // A Redis that takes connections and never answers: no add can have arrived.
    const silent: Socket[] = [];
    const server = createServer((socket) => silent.push(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    atFileEnd("silent server", async () => {
      for (const socket of silent) socket.destroy();
      server.close();
    });
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const doomed = await stand.startApi({ REDIS_URL: `redis://127.0.0.1:${port}` });
    const accepted = await submitProbes(doomed, Array(50).fill({ sleepMs: 1 }));
    await doomed.kill("SIGKILL");
    expect(await open(), "the fault bit").toBeGreaterThan(0);
    await drained(stand);
    await expectNothingLost(stand, { accepted });
  }, 90_000);

  test("three deliveries of each id at once are one execution", async () => {
    const accepted = await submitProbes(api, Array(100).fill({ sleepMs: 30 }));
    const { Queue } = await import("bullmq");
    const queue = new Queue("probe", {
      connection: { url: stand.redis.url },
      prefix: "{ilgam-probe}",
    });
    await queue.addBulk(
      accepted.flatMap((id) =>
        ["1001", "1002", "1003"].map((dispatch) => ({
          name: "probe",
          data: { id },
          opts: { jobId: `${id}-${dispatch}`, priority: 1 },
        })),
      ),
    );
    await queue.close();
    await drained(stand);
    await expectNothingLost(stand, { accepted });
  }, 90_000);
});
