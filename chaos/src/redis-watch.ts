import { redisCommands } from "@ilgam/local-services";
import { type OwnService, type StartedProcess, waitFor } from "@ilgam/testing";

const linkOf = async ({ url }: OwnService) => {
  const [info] = await redisCommands(url, [["INFO", "replication"]]);
  return /master_link_status:(\w+)/.exec(String(info))?.[1];
};

/** Cuts a replica off its master for good: it keeps what it has and hears of nothing more. */
export async function cutOff(replica: OwnService, master: OwnService): Promise<void> {
  // A user that the master does not know: each attempt to come back is refused.
  await redisCommands(replica.url, [
    ["CONFIG", "SET", "masteruser", "nobody"],
    ["CONFIG", "SET", "masterauth", "nothing"],
  ]);
  await redisCommands(master.url, [["CLIENT", "KILL", "TYPE", "replica"]]);
  await waitFor(async () => (await linkOf(replica)) === "down", {
    what: "the replica to be cut off",
  });
}

/** What waits in a queue as this server has it. */
export async function waitingIn({ url }: OwnService, queue: string): Promise<number> {
  const [info] = await redisCommands(url, [["INFO", "server"]]);
  // A Cluster's replica sends whoever does not say so to its master.
  const before = String(info).includes("redis_mode:cluster") ? [["READONLY"]] : [];
  const key = `{ilgam-${queue}}:${queue}:prioritized`;
  return Number((await redisCommands(url, [...before, ["ZCARD", key]])).at(-1));
}

export async function isMaster({ url }: OwnService): Promise<boolean> {
  const [info] = await redisCommands(url, [["INFO", "replication"]]);
  return String(info).includes("role:master");
}

/** Starts to listen; answers which queues were found to have lost jobs since, as the workers log it. */
export function watchFeeding(workers: readonly StartedProcess[]): () => string[] {
  const from = workers.map(({ lines }) => lines.length);
  return () => {
    const lines = workers.flatMap((worker, index) => worker.lines.slice(from[index]));
    const said = lines.filter((line) => line.includes("fed again"));
    const queues = said.flatMap((line) => (JSON.parse(line) as { queues: string[] }).queues);
    return [...new Set(queues)].sort();
  };
}
