import { createHash } from "node:crypto";
import { TryLater } from "@ilgam/contracts";
import { UpstreamError } from "../upstream-error.ts";
import {
  afterProbe,
  afterProof,
  afterSuccess,
  afterTime,
  afterWait,
  type HealthState,
  healthy,
  isTroubled,
  takeProbe,
  takeProof,
} from "./health-state.ts";
import type { HealthStore } from "./health-store.ts";
import type { CallOf, HealthEvent, Provider } from "./provider.ts";

/** How often a key is looked at: while all is well, and in trouble. */
const calmMs = 1_000;
const troubledMs = 250;
/** Longest time of a probe. */
const probeTimeoutMs = 10_000;

type Followed = {
  provider: Provider | undefined;
  config: string | undefined;
  /** The newest configuration has been told to Redis. */
  isTold: boolean;
  untold: { call: CallOf; calls: number } | undefined;
  timer: NodeJS.Timeout | undefined;
};

/** Looks at each key again and again: hears what others found, probes, and lets ramps go on. */
export function watchHealth(options: {
  store: HealthStore;
  nowUs: () => number;
  onEvent: (event: HealthEvent) => void;
}) {
  const { store, onEvent } = options;
  const followed = new Map<string, Followed>();
  const closing = new AbortController();

  async function look(key: string, one: Followed): Promise<HealthState | undefined> {
    if (!one.provider || one.config === undefined) return store.read(key);
    const { config, untold } = one;
    one.untold = undefined;
    if (!one.isTold) {
      const begin = (health: HealthState) => (health.config === config ? health : healthy(config));
      one.isTold = await store.change(key, begin, { fresh: true, whosever: true });
    }
    if (untold) {
      const { call, calls } = untold;
      await store.change(key, (health, nowUs) => afterSuccess(health, { ...call, nowUs, calls }));
    }
    const seen = await store.read(key);
    if (seen?.state === "open") await probe(key, one.provider);
    else if (seen?.state === "ramp") await store.change(key, afterTime);
    return seen;
  }

  /** Takes a step that one process alone takes. Resolves with whether this one has. */
  async function claim(
    key: string,
    take: (health: HealthState, nowUs: number) => HealthState | undefined,
  ): Promise<boolean> {
    let isMine = false;
    await store.change(key, (health, nowUs) => {
      const taken = take(health, nowUs);
      isMine = taken !== undefined;
      return taken ?? health;
    });
    return isMine;
  }

  async function probe(key: string, { probe: call }: Provider): Promise<void> {
    const isMine = await claim(key, (health, nowUs) => {
      const taken = takeProbe(health, nowUs);
      return taken && !call ? afterWait(taken, nowUs) : taken;
    });
    if (!isMine || !call) return;
    const { isAway, error } = await tryCall(call);
    if (closing.signal.aborted) return;
    onEvent({ type: "provider_probed", key, succeeded: !isAway });
    if (!isAway) await store.change(key, afterProbe);
    else if (error instanceof UpstreamError) {
      const cause = { ko: error.message, en: error.english };
      await store.change(key, (health) => ({ ...health, cause }));
    }
  }

  async function prove(key: string, call: NonNullable<Provider["probe"]>): Promise<void> {
    if (!(await claim(key, takeProof))) return;
    // What fails is left to the calls that are under way: theirs is the news that counts.
    if (!(await tryCall(call)).isAway) await store.change(key, afterProof);
  }

  async function tryCall(call: NonNullable<Provider["probe"]>) {
    const deadline = AbortSignal.any([closing.signal, AbortSignal.timeout(probeTimeoutMs)]);
    const error = await call(deadline).then(
      () => undefined,
      (failure: unknown) => failure,
    );
    // Put off by the pace, nothing was learned.
    const isAway =
      deadline.aborted ||
      error instanceof TryLater ||
      (error instanceof UpstreamError && error.fault !== "job");
    return { isAway, error };
  }

  function schedule(key: string, one: Followed, inMs: number): void {
    if (closing.signal.aborted) return;
    one.timer = setTimeout(() => {
      look(key, one).then(
        (seen) => schedule(key, one, seen && isTroubled(seen) ? troubledMs : calmMs),
        // Nothing in it rejects but for a mistake of ours, and the next look must come all the same.
        () => schedule(key, one, calmMs),
      );
    }, inMs);
    one.timer.unref();
  }

  function add(key: string, provider: Provider | undefined): void {
    const config = provider && createHash("sha256").update(provider.config).digest("base64url");
    const before = followed.get(key);
    clearTimeout(before?.timer);
    const timer = undefined;
    const one: Followed = { provider, config, isTold: false, untold: undefined, timer };
    followed.set(key, one);
    if (config !== undefined) store.begin(key, config);
    schedule(key, one, 0);
  }

  return {
    follow: (provider: Provider) => add(provider.key, provider),
    /** Has one process make a probe of a key of which nobody knows; false where there is none. */
    prove: (key: string): boolean => {
      const call = followed.get(key)?.provider?.probe;
      if (call) void prove(key, call);
      return call !== undefined;
    },
    observe: (keys: readonly string[]) => {
      for (const key of keys) add(key, undefined);
    },
    /** While all is well successes are told together. */
    succeeded: (key: string, call: CallOf) => {
      const one = followed.get(key);
      if (one) one.untold = { call, calls: (one.untold?.calls ?? 0) + 1 };
    },
    close: () => {
      closing.abort();
      for (const { timer } of followed.values()) clearTimeout(timer);
    },
  };
}
