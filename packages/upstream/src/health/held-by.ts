import { Held } from "@ilgam/contracts";
import { sentence } from "../sentences.ts";
import type { UpstreamError } from "../upstream-error.ts";
import type { HealthState } from "./health-state.ts";

/** While the key is not open yet, or recovers: other jobs find out meanwhile. */
const soonMs = 1_000;
/** After the probe that may open the key: its answer takes a moment. */
const afterProbeMs = 300;
/** A key that others use well, but whose settings do not fit this job. */
const settingsMs = 30_000;

/** What the job is told: for how long it is snoozed, and why. */
export function heldBy(
  key: string,
  health: HealthState | undefined,
  { nowUs, error }: { nowUs: number; error?: UpstreamError },
): Held {
  const why = whyHeld(key, health, "ko") ?? error?.message ?? recovering(key, "ko");
  const options = { provider: key, ...(error && { cause: error }) };
  // Spread, so that those who wait do not all come back in one moment.
  const spread = 1 + Math.random();
  if (health?.state === "open") {
    const leftMs = Math.max(0, (health.nextProbeUs - nowUs) / 1000);
    return new Held(leftMs + afterProbeMs * spread, why, options);
  }
  const delayMs = error?.fault === "operator" ? settingsMs : soonMs;
  return new Held(delayMs * spread, why, options);
}

/** Why nobody calls the provider, one sentence; undefined while all is well. */
export function whyHeld(
  key: string,
  health: HealthState | undefined,
  language: "ko" | "en",
): string | undefined {
  if (!health || (health.state === "closed" && health.row === 0)) return undefined;
  if (health.state === "ramp") return recovering(key, language);
  const since = `${new Date(health.sinceUs / 1000).toISOString().slice(0, 19)}Z`;
  return sentence(
    "provider_held",
    { provider: key, since, cause: health.cause[language] },
    language,
  );
}

const recovering = (provider: string, language: "ko" | "en") =>
  sentence("provider_recovering", { provider }, language);
