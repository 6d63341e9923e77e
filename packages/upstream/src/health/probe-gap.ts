import type { ProviderFault } from "./provider-fault.ts";

/** Before the first probes, milliseconds; then as `later` says. */
const firstGapsMs = [2_000, 4_000, 8_000];
/** Short enough that the end of a trouble is seen within 15 s. */
const gapMs = 14_000;
/** A trouble that has lasted for so long will hardly end within the next seconds. */
const longMs = 600_000;
const later = { service: 30_000, operator: 60_000 };
const jitter = 0.05;

/** From one probe to the next, milliseconds, a little less at random. */
export function probeGapMs(about: {
  probes: number;
  fault: ProviderFault;
  /** Of the trouble. */
  ageMs: number;
}): number {
  const { probes, fault, ageMs } = about;
  const longest = ageMs > longMs ? later[fault] : gapMs;
  return (firstGapsMs[probes] ?? longest) * (1 - jitter * Math.random());
}
