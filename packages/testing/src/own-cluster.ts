import { freePort, redisCommands } from "@ilgam/local-services";
import { type OwnService, startOwnRedis } from "./own-services.ts";
import { waitFor } from "./wait-for.ts";

export type OwnCluster = {
  /** host:port,host:port of the masters, as REDIS_CLUSTER_NODES takes it. */
  nodes: string;
  /** In the order of their slots. */
  masters: OwnService[];
  /** Of the first master, when one was asked for. */
  replica: OwnService | undefined;
  /** Which master a key belonged to when the cluster was made. */
  masterOf(key: string): Promise<OwnService>;
};

/** A node that is silent for so long is down, in milliseconds. */
const nodeTimeoutMs = 1_000;
const slots = 16_384;

/** A Redis Cluster of three masters with append-only files, stopped at the file's end. */
export async function startOwnCluster(options: { replica?: boolean } = {}): Promise<OwnCluster> {
  const count = options.replica ? 4 : 3;
  const started = await Promise.all(Array.from({ length: count }, () => startNode()));
  const services = started.map((one) => one.service);
  const [first, ...others] = started as [Node, ...Node[]];
  const masters = services.slice(0, 3);
  const bounds = [0, 1, 2, 3].map((index) => Math.floor((index * slots) / 3));
  for (const [index, { url }] of masters.entries()) {
    const [from, to] = [bounds[index], (bounds[index + 1] ?? 0) - 1];
    await redisCommands(url, [
      ["CLUSTER", "ADDSLOTSRANGE", String(from), String(to)],
      ["CLUSTER", "SET-CONFIG-EPOCH", String(index + 1)],
    ]);
  }
  for (const { service, busPort } of others) {
    const meet = ["CLUSTER", "MEET", "127.0.0.1", String(service.port), String(busPort)];
    await redisCommands(first.service.url, [meet]);
  }
  const joined = () => Promise.all(services.map((one) => isJoined(one, count)));
  await waitFor(async () => (await joined()).every(Boolean), {
    what: "the nodes to join",
    timeoutMs: 30_000,
  });
  const replica = services[3];
  if (replica) await replicate(replica, first.service);
  return {
    nodes: masters.map(({ port }) => `127.0.0.1:${port}`).join(","),
    masters,
    replica,
    masterOf: async (key) => {
      // Any node that lives can tell.
      const alive = services.find((one) => one.running()) ?? first.service;
      const [slot] = await redisCommands(alive.url, [["CLUSTER", "KEYSLOT", key]]);
      const index = bounds.findLastIndex((from) => from <= Number(slot));
      return masters[index] as OwnService;
    },
  };
}

type Node = { service: OwnService; busPort: number };

/** Free ports are taken by others now and then before the server has them: then on new ones. */
async function startNode(tries = 3): Promise<Node> {
  const busPort = await freePort();
  try {
    const service = await startOwnRedis({
      "cluster-enabled": "yes",
      "cluster-port": String(busPort),
      "cluster-node-timeout": String(nodeTimeoutMs),
      "cluster-require-full-coverage": "no",
      "repl-diskless-sync-delay": "0",
      "cluster-replica-validity-factor": "0",
    });
    return { service, busPort };
  } catch (error) {
    if (tries === 1) throw error;
    return startNode(tries - 1);
  }
}

async function isJoined({ url }: OwnService, count: number): Promise<boolean> {
  const [info, nodes] = await redisCommands(url, [
    ["CLUSTER", "INFO"],
    ["CLUSTER", "NODES"],
  ]);
  const connected = String(nodes).match(/ connected/g)?.length;
  return /cluster_state:ok/.test(String(info)) && connected === count;
}

/** Makes `replica` a copy of `master`, and waits until it has all of it. */
async function replicate(replica: OwnService, master: OwnService): Promise<void> {
  const [id] = await redisCommands(master.url, [["CLUSTER", "MYID"]]);
  await redisCommands(replica.url, [["CLUSTER", "REPLICATE", String(id)]]);
  const isCopy = async () => {
    const [info] = await redisCommands(replica.url, [["INFO", "replication"]]);
    return String(info).includes("master_link_status:up");
  };
  await waitFor(isCopy, { what: "the replica to copy its master", timeoutMs: 30_000 });
}
