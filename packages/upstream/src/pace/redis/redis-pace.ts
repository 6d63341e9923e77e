import { z } from "zod";
import type { Decision, PaceTerms } from "../decision.ts";
import type { KeyMemory } from "../key-memory.ts";
import { dayOf } from "../quota-day.ts";
import { createScript, type PaceRedis, type RedisScript } from "./redis-script.ts";
import type { RedisTime } from "./redis-time.ts";
import {
  closeScript,
  giveBackScript,
  moveScript,
  readHealthScript,
  reserveScript,
  settleScript,
  statusScript,
  writeHealthScript,
} from "./scripts.ts";

const n = z.number();
const ReserveReply = z.tuple([n, n, n, n, n, n, z.string(), n, n, n, n]);
const MoveReply = z.tuple([n, n, n, z.string()]);
const TimeReply = z.tuple([n]);
const CloseReply = z.tuple([n, n, z.string()]);
const HealthReply = z.tuple([n, z.string()]);
const WrittenReply = z.tuple([n, n, z.string()]);
const StatusReply = z.tuple([n, n, n, z.string(), n, n, n, n, n]);

const verdicts = new Map<number, Decision["verdict"]>([
  [1, "reserved"],
  [0, "pace"],
  [-1, "closed"],
  [-2, "quota"],
  [-4, "tokens"],
  [-5, "concurrency"],
  [-6, "away"],
  [-7, "recovering"],
]);

export type CloseMode = "delay" | "until" | "backoff" | "day";
export type RedisPace = ReturnType<typeof createRedisPace>;

export type RedisPaceOptions = {
  redis: PaceRedis;
  time: RedisTime;
  now: () => number;
  timeoutMs: number;
};

/** The pace's verbs on Redis, one Lua call each. They reject when Redis is away. */
export function createRedisPace({ redis, time, now, timeoutMs }: RedisPaceOptions) {
  const reserve = createScript(redis, reserveScript, timeoutMs);
  const giveBack = createScript(redis, giveBackScript, timeoutMs);
  const settle = createScript(redis, settleScript, timeoutMs);
  const move = createScript(redis, moveScript, timeoutMs);
  const close = createScript(redis, closeScript, timeoutMs);
  const status = createScript(redis, statusScript, timeoutMs);
  const readHealth = createScript(redis, readHealthScript, timeoutMs);
  const writeHealth = createScript(redis, writeHealthScript, timeoutMs);

  const ask = createAsk(time, now);
  const askForSlot = createSlotRequest(time, (key, args) =>
    ask(reserve, key, args(), ReserveReply, 1),
  );

  return {
    /** @param unused a slot that was not used, taken back in the same call. */
    async reserve(
      key: string,
      terms: PaceTerms,
      memory: KeyMemory,
      unused: Decision | undefined,
    ): Promise<Decision> {
      const reply = await askForSlot(key, terms, memory, unused);
      const [code, nowUs, slotUs, used, day, closedUntilUs, why, charge, tokensFreeUs, baseUs] =
        reply;
      const verdict = verdicts.get(code);
      if (!verdict) throw new Error(`the pace script answered ${code}`);
      const tracked = reply[10] === 1;
      const decision = { verdict, nowUs, slotUs, charge, baseUs, local: false, tracked };
      // Of the pace nothing was asked.
      if (verdict === "away" || verdict === "recovering") return decision;
      Object.assign(memory, { used, day, closedUntilUs, why, tokensFreeUs });
      if (charge > 0) memory.outputs.set(terms.call.label, charge - terms.call.input);
      if (verdict === "reserved") memory.lastSlotUs = Math.max(memory.lastSlotUs, slotUs);
      return decision;
    },

    /** Where the slot of a call that waits is now, after what was settled meanwhile. */
    async move(key: string, { call, tokenCeiling }: PaceTerms, slot: Decision) {
      const args = [call.id, slot.slotUs, slot.charge, tokenCeiling, slot.baseUs];
      const [, slotUs, closedUntilUs, why] = await ask(move, key, args, MoveReply);
      return { slotUs, closedUntilUs, why };
    },

    async giveBack(key: string, terms: PaceTerms, { slotUs, charge }: Decision): Promise<void> {
      const { intervalUs, zoneSeconds, call, tokensPerMinute } = terms;
      const args = [slotUs, intervalUs, zoneSeconds, call.id, charge, tokensPerMinute];
      await ask(giveBack, key, args, TimeReply);
    },

    /** @param usedTokens undefined: unknown, the charge stands. */
    async settle(key: string, terms: PaceTerms, slot: Decision, usedTokens: number | undefined) {
      const { call, tokensPerMinute } = terms;
      const ended = [call.id, slot.slotUs, slot.charge, usedTokens ?? -1];
      await ask(settle, key, [...ended, tokensPerMinute, call.label, call.input], TimeReply);
    },

    async close(key: string, mode: CloseMode, valueUs: number, why: string, zoneSeconds: number) {
      const args = [mode, valueUs, why, zoneSeconds];
      const [nowUs, closedUntilUs, reason] = await ask(close, key, args, CloseReply);
      return { nowUs, closedUntilUs, why: reason };
    },

    /** The key's health as it was written; "" when it never was. */
    async readHealth(key: string): Promise<string> {
      const [, text] = await ask(readHealth, key, [], HealthReply);
      return text;
    },

    /** @returns undefined when it is written; else what stands there instead of `before`. */
    async writeHealth(
      key: string,
      before: string,
      next: { text: string; open: boolean; ramp: number; sinceUs: number },
    ): Promise<string | undefined> {
      const args = [before, next.text, next.open ? 1 : 0, next.ramp, next.sinceUs];
      const [, written, text] = await ask(writeHealth, key, args, WrittenReply);
      return written === 1 ? undefined : text;
    },

    async status(key: string) {
      const [nowUs, nextUs, closedUntilUs, why, intervalUs, quota, zoneSeconds, used, tokens] =
        await ask(status, key, [], StatusReply);
      return { nowUs, nextUs, closedUntilUs, why, intervalUs, quota, zoneSeconds, used, tokens };
    },
  };
}

type Args = (string | number)[];

/** Runs scripts whose replies hold Redis' time at `nowAt`, which sets our idea of that clock. */
function createAsk(time: RedisTime, now: () => number) {
  return async <Reply extends readonly unknown[]>(
    script: RedisScript,
    key: string,
    args: Args,
    shape: z.ZodType<Reply>,
    nowAt = 0,
  ): Promise<Reply> => {
    const sentAt = now();
    const reply = shape.parse(await script(keysOf(key), args));
    time.observe(Number(reply[nowAt]), sentAt, now());
    return reply;
  };
}

/** All in one slot of a cluster, as the keys of a script must be. */
function keysOf(key: string): string[] {
  return ["state", "minute", "flying"].map((part) => `{ilgam-pace}:${key}:${part}`);
}

type AskForSlot = (key: string, args: () => Args) => Promise<z.infer<typeof ReserveReply>>;

/** The request for a slot, which also tells Redis what this process knows and Redis may not. */
function createSlotRequest(time: RedisTime, ask: AskForSlot) {
  return async (key: string, terms: PaceTerms, memory: KeyMemory, unused: Decision | undefined) => {
    const current = memory.day === dayOf(time.nowUs(), terms.zoneSeconds);
    // Taken before the call: another one under way must not tell the same calls again.
    const untold = memory.untold;
    memory.untold = 0;
    const known = current ? [memory.used, untold] : [0, 0];
    const { intervalUs, maxWaitUs, quota, zoneSeconds, tokensPerMinute, call } = terms;
    const returned = unused && !unused.local ? unused : { slotUs: 0, charge: 0 };
    const args = () => [
      ...[intervalUs, maxWaitUs, quota, zoneSeconds, time.nowUs()],
      ...[memory.lastSlotUs, returned.slotUs, memory.day, ...known],
      ...[tokensPerMinute, call.input, call.output, call.label, call.id],
      ...[terms.maxConcurrency, terms.leaseUs, memory.tokensFreeUs, returned.charge],
      ...[terms.tokenCeiling, terms.probe ? 1 : 0],
    ];
    try {
      const reply = await ask(key, args);
      // Stale: our idea of Redis' clock was over a second behind. The reply has put it right.
      return reply[0] === -3 ? await ask(key, args) : reply;
    } catch (error) {
      memory.untold += untold;
      throw error;
    }
  };
}
