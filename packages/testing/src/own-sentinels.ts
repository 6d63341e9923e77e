import { redisCommands } from "@ilgam/local-services";
import { type OwnService, startOwnRedis, startOwnSentinel } from "./own-services.ts";
import { waitFor } from "./wait-for.ts";

export type OwnSentinels = {
  /** host:port,host:port, as REDIS_SENTINELS takes it. */
  sentinels: string;
  /** By which they know the master. */
  masterName: string;
  /** Those that were master and replica at first. */
  master: OwnService;
  replica: OwnService;
  /** The Sentinels themselves. */
  watchers: OwnService[];
  /** The one that the Sentinels name as the master now. */
  current(): Promise<OwnService>;
};

/** A master is down when it is silent for so long, in milliseconds. */
const downAfterMs = 500;
const masterName = "main";

/** A master, a replica and three Sentinels of which two must agree; stopped at the file's end. */
export async function startOwnSentinels(): Promise<OwnSentinels> {
  const quick = { "repl-diskless-sync-delay": "0" };
  const master = await startOwnRedis(quick);
  const replica = await startOwnRedis({ ...quick, replicaof: `127.0.0.1 ${master.port}` });
  const isCopy = async () => {
    const [info] = await redisCommands(master.url, [["INFO", "replication"]]);
    return /slave0:.*state=online/.test(String(info));
  };
  await waitFor(isCopy, { what: "the replica to copy its master", timeoutMs: 30_000 });
  const directives = [
    `sentinel monitor ${masterName} 127.0.0.1 ${master.port} 2`,
    `sentinel down-after-milliseconds ${masterName} ${downAfterMs}`,
    `sentinel failover-timeout ${masterName} 2000`,
  ];
  const watchers = await Promise.all([0, 1, 2].map(() => startOwnSentinel(directives)));
  const agree = async () => {
    const views = await Promise.all(watchers.map(({ url }) => viewOf(url)));
    return views.every((view) => view["num-other-sentinels"] === "2" && view["num-slaves"] === "1");
  };
  await waitFor(agree, { what: "the Sentinels to know each other", timeoutMs: 30_000 });
  return {
    sentinels: watchers.map(({ port }) => `127.0.0.1:${port}`).join(","),
    masterName,
    ...{ master, replica, watchers },
    current: async () => {
      const { port } = await viewOf((watchers[0] as OwnService).url);
      return Number(port) === replica.port ? replica : master;
    },
  };
}

async function viewOf(url: string): Promise<Record<string, string>> {
  const [reply] = await redisCommands(url, [["SENTINEL", "MASTER", masterName]]);
  const flat = (reply as unknown[]).map(String);
  return Object.fromEntries(
    flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ""]] : [])),
  );
}
