import { redisCommands } from "@ilgam/local-services";
import {
  type OwnSentinels,
  type OwnService,
  type StartedProcess,
  startOwnSentinels,
  waitFor,
} from "@ilgam/testing";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { expectNothingLost } from "./oracles.ts";
import { cutOff, isMaster, waitingIn, watchFeeding } from "./redis-watch.ts";
import { type Api, createStandOn, drained, type StandWithoutRedis, submitProbes } from "./stand.ts";
import { startLoad } from "./steady-load.ts";

describe("behind Redis Sentinels", () => {
  let redis: OwnSentinels;
  let stand: StandWithoutRedis;
  let api: Api;
  let workers: StartedProcess[];

  beforeAll(async () => {
    redis = await startOwnSentinels();
    stand = await createStandOn({
      REDIS_SENTINELS: redis.sentinels,
      REDIS_SENTINEL_MASTER: redis.masterName,
    });
    api = await stand.startApi();
    workers = [await stand.startWorker(), await stand.startWorker()];
    await api.waitForHttp(`${api.url}/readyz`, { timeoutMs: 30_000 });
  }, 60_000);

  beforeEach(async () => {
    await stand.query("TRUNCATE jobs, job_results, job_history, job_attempts");
  });

  const expectAll = async (accepted: string[]) => {
    await drained(stand);
    await expectNothingLost(stand, { accepted });
    const [row] = await stand.query<{ count: number }>("SELECT count(*) AS count FROM jobs");
    expect(row?.count, "jobs, none of them twice").toBe(accepted.length);
  };

  const failedOverTo = (server: OwnService) =>
    waitFor(async () => (await redis.current()) === server, {
      what: "the failover",
      timeoutMs: 30_000,
    });

  /** Connections that are neither a Sentinel's nor the one that asks. */
  const clientsOf = async ({ url }: OwnService) => {
    const [list] = await redisCommands(url, [["CLIENT", "LIST", "TYPE", "normal"]]);
    const lines = String(list).trim().split("\n");
    return lines.filter((line) => !/ name=sentinel-| cmd=client/.test(line)).length;
  };

  test("a failover away from a master that lives takes everybody along and loses nothing", async () => {
    const { master, replica } = redis;
    const load = startLoad(api, ["probe"], { sleepMs: 20 });
    const accepted = await submitProbes(api, Array(400).fill({ sleepMs: 100 }));
    expect(await clientsOf(master), "connections to the old master").toBeGreaterThan(5);
    const [sentinel] = redis.sentinels.split(",");
    await redisCommands(`redis://${sentinel}`, [["SENTINEL", "FAILOVER", redis.masterName]]);
    await failedOverTo(replica);
    await waitFor(async () => (await clientsOf(master)) === 0, { what: "all to leave it" });
    expect(await load.stop(), "answers other than 202").toEqual([]);
    await expectAll([...accepted, ...load.accepted]);
  }, 90_000);

  test("kill -9 of the master: a stale replica takes over, and nothing is lost", async () => {
    const { master: replica, replica: master } = redis;
    await waitFor(async () => !(await isMaster(replica)), {
      what: "the old master to be a replica",
      timeoutMs: 30_000,
    });
    await cutOff(replica, master);
    const fedAgain = watchFeeding(workers);
    const load = startLoad(api, ["probe"], { sleepMs: 20 });
    const accepted = await submitProbes(api, Array(800).fill({ sleepMs: 100 }));
    const had = await waitingIn(master, "probe");
    // With a Sentinel beside it, as when a machine of both dies; two are left to agree.
    await Promise.all([master.kill(), redis.watchers[2]?.kill()]);
    expect(had - (await waitingIn(replica, "probe")), "jobs it never heard of").toBeGreaterThan(50);
    const before = load.accepted.length;
    await failedOverTo(replica);
    expect(load.accepted.length, "accepted without a master").toBeGreaterThan(before);
    expect(await load.stop(), "answers other than 202").toEqual([]);
    await expectAll([...accepted, ...load.accepted]);
    expect(fedAgain()).toContain("probe");
    const lines = workers.flatMap((worker) => worker.lines);
    expect(lines.filter((line) => !line.startsWith("{"))).toEqual([]);
  }, 90_000);
});
