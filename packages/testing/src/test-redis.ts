import { redisCommands } from "@ilgam/local-services";
import { inject } from "vitest";
import { atFileEnd } from "./file-end.ts";
import { waitFor } from "./wait-for.ts";

export type TestRedis = {
  /** With the number of a database that no other file uses. Pub/sub is one over all of them. */
  url: string;
  /** Sends one command past the product, to this file's database. */
  command(...parts: string[]): Promise<unknown>;
};

const CLOSING_MS = 3_000;

/**
 * An empty Redis database of the file's own, emptied at its end. A connection that somebody still
 * holds then fails the file. FLUSHALL, kill and restart need `startOwnRedis` instead.
 */
export async function createTestRedis(): Promise<TestRedis> {
  const server = inject("ilgamRedisUrl");
  const [number] = await redisCommands(server, [["INCR", "test-databases"]], 10_000);
  const url = `${server}/${Number(number)}`;
  const command = async (...parts: string[]) => (await redisCommands(url, [parts], 10_000))[0];
  atFileEnd(`Redis database ${Number(number)}`, async () => {
    try {
      await expectNoConnection(server, Number(number));
    } finally {
      await command("FLUSHDB");
    }
  });
  return { url, command };
}

async function expectNoConnection(server: string, number: number): Promise<void> {
  let held: string[] = [];
  const gone = async () => {
    const [list] = await redisCommands(server, [["CLIENT", "LIST"]], 10_000);
    held = String(list)
      .split("\n")
      .filter((line) => line.includes(` db=${number} `));
    return held.length === 0;
  };
  await waitFor(gone, { what: "connections to close", timeoutMs: CLOSING_MS }).catch(() => {
    const who = held.map(
      (line) => `name=${/ name=(\S*)/.exec(line)?.[1]} ${/ cmd=\S+/.exec(line)}`,
    );
    throw new Error(`${held.length} connections were left open: ${who.join(", ")}`);
  });
}
