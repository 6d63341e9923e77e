import type { HealthEvent } from "@ilgam/upstream";
import type { Log } from "./create-log.ts";

const words = {
  open: "a service is away: its jobs wait",
  ramp: "a service answers again: its jobs go on little by little",
  closed: "a service is well again",
};

/** One line for each change of a provider's state, by the process that found it. */
export function logHealth(log: Log, event: HealthEvent): void {
  if (event.type === "provider_probed") {
    log.debug({ provider: event.key, succeeded: event.succeeded }, "a service was probed");
    return;
  }
  const { key: provider, before, health } = event;
  const { state, fault, cause, sinceUs, nextProbeUs } = health;
  const about = { provider, before, state };
  if (state !== "open") {
    log.info(about, words[state]);
    return;
  }
  const iso = (us: number) => new Date(us / 1000).toISOString();
  const why = { fault, cause: cause.en, since: iso(sinceUs), nextProbeAt: iso(nextProbeUs) };
  log.warn({ ...about, ...why }, words.open);
}
