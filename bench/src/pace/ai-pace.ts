import { type ChildProcess, fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findRedisProgram, freePort, startRedis } from "@ilgam/local-services";
import { machine } from "../harness/machine.ts";
import { end, isUp, launch, waitFor } from "../harness/process.ts";
import { describeWindows, foreknown, fullest, used } from "./pace-windows.ts";

/*
 * An AI provider's budget shared by three processes that always have work: 600 requests a minute,
 * then 60,000 tokens a minute. Each call is charged before and settled after. Counted by the slots
 * (Redis' time) and as the receiver saw them.
 */
const seconds = { requests: 15, tokens: 130 };
const latencyMs = 300;
/** Tokens are counted by the minute: before its end the first one is not like those after it. */
const warmUpMs = { requests: 3_000, tokens: 65_000 };

type Asked = { slotAt: number; charged: number; used: number; degraded: number };
const directory = await mkdtemp(path.join(tmpdir(), "ilgam-ai-pace-"));
const program = findRedisProgram();
if (!program) throw new Error("the benchmark needs redis-server or valkey-server on the PATH");
const redis = await startRedis({ program, dataDir: directory, log: () => undefined });
const sandboxUrl = `http://127.0.0.1:${await freePort()}`;
const sandbox = launch("apps/sandbox/src/main.ts", { PORT: new URL(sandboxUrl).port });

function admin(path: string, method = "GET", body?: object): Promise<Response> {
  const options = { method, ...(body && { body: JSON.stringify(body) }) };
  return fetch(`${sandboxUrl}/__sandbox/${path}`, options);
}

/** Lets three processes ask. */
async function ask(label: keyof typeof seconds, limits: Record<string, string>) {
  await admin("calls", "DELETE");
  const asked: Asked[] = [];
  let putOff = 0;
  let degraded = 0;
  const env = {
    ...{ PATH: process.env.PATH ?? "", REDIS_URL: redis.url, CALLERS: "6", PACE_KEY: label },
    ...{ OPENAI_BASE_URL: `${sandboxUrl}/v1`, OPENAI_API_KEY: "sandbox", ...limits },
  };
  const workers: ChildProcess[] = [1, 2, 3].map(() => {
    const worker = fork(path.join(import.meta.dirname, "ai-pace-worker.ts"), { env });
    worker.on("message", (said: Asked | { putOffMs: number }) => {
      if ("putOffMs" in said) {
        putOff += 1;
        return;
      }
      asked.push(said);
      degraded += said.degraded;
    });
    return worker;
  });
  await waitFor(async () => asked.length > 0, "the first call");
  await sleep(seconds[label] * 1000);
  await Promise.all(workers.map(end));
  const { calls } = (await (await admin("calls")).json()) as {
    calls: { receivedAt: number; status: number | null; tokens: number | null }[];
  };
  return { asked, putOff, degraded, calls };
}

try {
  await waitFor(() => isUp(`${sandboxUrl}/__sandbox/calls`), "the sandbox");
  await admin("settings", "POST", { latencyMs });
  console.log(`${machine()}; 3 processes of 6 callers`);

  const byRequests = await ask("requests", { OPENAI_RPM: "600" });
  const slots = byRequests.asked.map(({ slotAt }) => ({ at: slotAt, amount: 1 }));
  const received = byRequests.calls.map(({ receivedAt }) => ({ at: receivedAt, amount: 1 }));
  const times = slots.map(({ at }) => at).sort((a, b) => a - b);
  const gaps = times.slice(1).map((time, n) => time - (times[n] ?? 0));
  console.table({
    "600 requests a minute: shortest gap between admissions, ms": Math.min(...gaps).toFixed(3),
    "admissions in the fullest second, 10 permitted": fullest(slots, 1_000),
    "admissions in the fullest 10 s, 100 permitted": fullest(slots, 10_000),
    "calls received in the fullest 10 s": fullest(received, 10_000),
    "used of what is permitted over 10 s, %": used(slots, 600, 10_000, warmUpMs.requests).toFixed(
      1,
    ),
    "callers snoozed": byRequests.putOff,
    "times a process found Redis too slow and went on alone": byRequests.degraded,
  });

  const tpm = 60_000;
  const byTokens = await ask("tokens", { OPENAI_TPM: String(tpm) });
  const real = byTokens.asked.map(({ slotAt, used: amount }) => ({ at: slotAt, amount }));
  const largest = Math.max(...real.map(({ amount }) => amount));
  const later = real.filter(({ at }) => at >= (real[0]?.at ?? 0) + warmUpMs.tokens);
  const off = byTokens.asked.slice(20).map(({ charged, used: amount }) => charged - amount);
  console.table({
    "60,000 tokens a minute: calls": real.length,
    "largest call, tokens": largest,
    "tokens in the fullest 10 s after the first minute, 10,000 and one call permitted": fullest(
      later,
      10_000,
    ),
    "tokens in the fullest 60 s, 60,000 permitted": fullest(real, 60_000),
    "used of what is permitted over 60 s, %": used(real, tpm, 60_000, warmUpMs.tokens).toFixed(1),
    "used of what is permitted over 10 s, each 10 s there are, %": describeWindows(
      real,
      tpm,
      warmUpMs.tokens,
    ),
    "the same, had each call's use been known before it, %": describeWindows(
      foreknown(real, tpm),
      tpm,
      warmUpMs.tokens,
    ),
    "charged before the call, off by on average, tokens": (
      off.reduce((sum, one) => sum + Math.abs(one), 0) / off.length
    ).toFixed(1),
    "callers snoozed": byTokens.putOff,
    "times a process found Redis too slow and went on alone": byTokens.degraded,
    "answers 429": byTokens.calls.filter(({ status }) => status === 429).length,
  });
} finally {
  await end(sandbox);
  await redis.stop();
  await rm(directory, { recursive: true, force: true });
}
