import { redisCommands } from "@ilgam/local-services";
import {
  type OwnCluster,
  type OwnService,
  type StartedProcess,
  startOwnCluster,
  waitFor,
} from "@ilgam/testing";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { expectNothingLost } from "./oracles.ts";
import { cutOff, isMaster, waitingIn, watchFeeding } from "./redis-watch.ts";
import { type Api, createStandOn, drained, type StandWithoutRedis, submitProbes } from "./stand.ts";
import { startLoad } from "./steady-load.ts";

// One on each of the three masters; the first one's has a replica.
const queues = ["probe", "probe-d", "probe-b"] as const;

describe("on a Redis Cluster", () => {
  let cluster: OwnCluster;
  let stand: StandWithoutRedis;
  let api: Api;
  let workers: StartedProcess[];

  beforeAll(async () => {
    cluster = await startOwnCluster({ replica: true });
    stand = await createStandOn({
      REDIS_CLUSTER_NODES: cluster.nodes,
      CHAOS_QUEUES: queues.join(","),
    });
    api = await stand.startApi();
    workers = [await stand.startWorker(), await stand.startWorker()];
    await api.waitForHttp(`${api.url}/readyz`, { timeoutMs: 30_000 });
  }, 60_000);

  beforeEach(async () => {
    await stand.query("TRUNCATE jobs, job_results, job_history, job_attempts");
  });

  const masterOf = (queue: string) => cluster.masterOf(`{ilgam-${queue}}`);

  const count = async (queue: string, status: string) => {
    const [row] = await stand.query<{ count: number }>(
      "SELECT count(*) AS count FROM jobs WHERE queue = $1 AND status = $2",
      [queue, status],
    );
    return row?.count ?? 0;
  };

  const allDone = async (ids: string[]) => {
    const [row] = await stand.query<{ count: number }>(
      "SELECT count(*) AS count FROM jobs WHERE id = ANY($1) AND status <> 'completed'",
      [ids],
    );
    return row?.count === 0;
  };

  /** As many jobs to each of the queues. */
  const submitToEach = async (amount: number, sleepMs: number) => {
    const inputs = Array(amount).fill({ sleepMs });
    const ids = queues.map((kind) => submitProbes(api, inputs, { kind }));
    return (await Promise.all(ids)).flat();
  };

  test("queues on each of the masters are worked off", async () => {
    const masters = await Promise.all(queues.map(masterOf));
    expect(new Set(masters).size, "three masters").toBe(3);
    const accepted = await submitToEach(200, 5);
    await drained(stand);
    await expectNothingLost(stand, { accepted });
  }, 90_000);

  test("FLUSHALL on one master loses nothing, and only its queues are fed again", async () => {
    const fedAgain = watchFeeding(workers);
    const accepted = await submitToEach(400, 60);
    const master = await masterOf("probe-b");
    await redisCommands(master.url, [["FLUSHALL"]], 10_000);
    expect(await count("probe-b", "queued"), "the fault bites").toBeGreaterThan(100);
    await drained(stand);
    await expectNothingLost(stand, { accepted });
    // The product's own queues lie where their names' slots are.
    const ours = fedAgain().filter((name) => name.startsWith("probe"));
    expect(ours).toEqual(["probe-b"]);
  }, 90_000);

  test("while one master is dead the others' queues go on; back again, nothing is lost", async () => {
    const master = await masterOf("probe-d");
    const load = startLoad(api, queues, { sleepMs: 20 });
    await waitFor(() => load.accepted.length > 50, { what: "load" });
    await master.kill();
    const waiting = await count("probe-d", "queued");
    await waitFor(async () => (await count("probe-d", "queued")) > waiting + 20, {
      what: "jobs to pile up for the dead master",
      timeoutMs: 30_000,
    });
    // A second fault beside the first: only the sweeper can feed these again.
    const others = await submitProbes(api, Array(300).fill({ sleepMs: 60 }), { kind: "probe-b" });
    await redisCommands((await masterOf("probe-b")).url, [["FLUSHALL"]], 10_000);
    expect(await count("probe-b", "queued"), "the second fault bites").toBeGreaterThan(50);
    await waitFor(() => allDone(others), {
      what: "another master's jobs to complete meanwhile",
      timeoutMs: 30_000,
    });
    expect(master.running(), "the first one is still dead").toBe(false);
    expect(await load.stop(), "answers other than 202").toEqual([]);
    await master.start();
    await drained(stand);
    await expectNothingLost(stand, { accepted: [...others, ...load.accepted] });
  }, 90_000);

  test("a replica without the last writes that takes over loses nothing", async () => {
    const [master, replica] = [await masterOf("probe"), cluster.replica as OwnService];
    await cutOff(replica, master);
    const fedAgain = watchFeeding(workers);
    const load = startLoad(api, queues, { sleepMs: 20 });
    const accepted = await submitToEach(300, 100);
    const had = await waitingIn(master, "probe");
    await master.kill();
    expect(had - (await waitingIn(replica, "probe")), "jobs it never heard of").toBeGreaterThan(50);
    await waitFor(() => isMaster(replica), {
      what: "the replica to take over",
      timeoutMs: 30_000,
    });
    expect(await load.stop(), "answers other than 202").toEqual([]);
    await drained(stand);
    await expectNothingLost(stand, { accepted: [...accepted, ...load.accepted] });
    expect(master.running(), "the master is still dead").toBe(false);
    expect(fedAgain()).toContain("probe");
    expect(fedAgain()).not.toContain("probe-b");
  }, 90_000);
});
