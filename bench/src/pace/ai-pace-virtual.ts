import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { TryLater } from "@ilgam/contracts";
import { findRedisProgram, startRedis } from "@ilgam/local-services";
import { AiEnv, aiOptionsOf, createPace, type PaceRedis } from "@ilgam/upstream";
import { Redis } from "ioredis";
import { describeWindows, foreknown, fullest, type Seen } from "./pace-windows.ts";

/*
 * The token pace as in ai-pace.ts, but in a time of its own that stands still while anybody works: what
 * it does by itself, however busy the machine is. The scripts run in a real Redis, told this time.
 */
const tpm = Number(process.argv[2] ?? 60_000);
const minutes = 6;
const latencyMs = 300;
const warmUpMs = 65_000;
const callers = Math.round((18 * tpm) / 60_000);

let now = Date.parse("2026-11-21T12:00:00+09:00");
let working = 0;
let timers: { at: number; ring: () => void }[] = [];
const clock = {
  now: () => now,
  sleep: (ms: number) =>
    new Promise<void>((ring) => {
      timers.push({ at: now + ms, ring });
    }),
};

/** Ends when everybody waits for a time to come. */
async function untilIdle(): Promise<void> {
  for (let quiet = 0; quiet < 4; quiet = working === 0 ? quiet + 1 : 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function inOwnTime(redis: Redis): PaceRedis {
  return {
    async eval(script, numKeys, ...args) {
      const us = Math.round(now * 1000);
      const time = `{${Math.floor(us / 1_000_000)}, ${us % 1_000_000}}`;
      working += 1;
      try {
        return await redis.eval(script.replace("redis.call('TIME')", time), numKeys, ...args);
      } finally {
        working -= 1;
      }
    },
  };
}

/** Numbers that look random and are the same in every run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

const directory = await mkdtemp(path.join(tmpdir(), "ilgam-ai-pace-"));
const program = findRedisProgram();
if (!program) throw new Error("the benchmark needs redis-server or valkey-server on the PATH");
const server = await startRedis({ program, dataDir: directory, log: () => undefined });
const redis = new Redis(server.url);
const { policy } = aiOptionsOf(AiEnv.parse({ OPENAI_TPM: String(tpm) }));
const random = createRandom(7);
const calls: Seen[] = [];
let putOff = 0;

/** Asks for ever: 20–95 tokens of input, answers as unlike as the sandbox's. */
async function ask(pace: ReturnType<typeof createPace>): Promise<void> {
  for (let round = 0; ; round += 1) {
    const words = (round * 7) % 40;
    const input = 20 + Math.round(words * 1.9);
    const used = input + 30 + Math.floor(random() * 8) * 17 + Math.round(words / 2);
    const tokens = { label: "text", input, output: 2_000 };
    try {
      const { slotAt, settle } = await pace.reserve("virtual", policy, { tokens });
      calls.push({ at: slotAt, amount: used });
      await clock.sleep(latencyMs * (0.97 + random() * 0.06));
      await settle(used);
    } catch (error) {
      if (!(error instanceof TryLater)) throw error;
      putOff += 1;
      await clock.sleep(error.delayMs);
    }
  }
}

try {
  const teams = [1, 2, 3].map(() =>
    createPace({ redis: inOwnTime(redis), redisTimeoutMs: 60_000, clock }),
  );
  for (let caller = 0; caller < callers; caller += 1) {
    const pace = teams[caller % teams.length];
    if (pace) void ask(pace);
  }
  for (let left = minutes * 60_000; left > 0; left -= 1) {
    await untilIdle();
    now += 1;
    const due = timers.filter(({ at }) => at <= now);
    if (due.length > 0) timers = timers.filter(({ at }) => at > now);
    for (const { ring } of due) ring();
  }
  console.table({
    "tokens a minute": tpm,
    "calls, in tokens each on average": `${calls.length}, ${Math.round(calls.reduce((sum, { amount }) => sum + amount, 0) / calls.length)}`,
    "tokens in the fullest 60 s": fullest(calls, 60_000),
    "used of what is permitted over 10 s, %": describeWindows(calls, tpm, warmUpMs),
    "the same, had each call's use been known before it, %": describeWindows(
      foreknown(calls, tpm),
      tpm,
      warmUpMs,
    ),
    "callers snoozed": putOff,
  });
} finally {
  redis.disconnect();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}
process.exit(0);
