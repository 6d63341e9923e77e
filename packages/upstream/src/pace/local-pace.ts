import type { Decision, PaceTerms } from "./decision.ts";
import { forgetSlot, type KeyMemory } from "./key-memory.ts";
import { isFullLocally, payLocally, settleLocally, tokensLocally } from "./local-budget.ts";
import { longestWaitMs } from "./policy.ts";
import { dayOf, dayStartUs } from "./quota-day.ts";

/**
 * The reservation without Redis: this process takes its share, one call per interval × workers. It
 * begins behind the last slot Redis gave it, and Redis begins again behind its last local one.
 */
export function reserveLocally(
  memory: KeyMemory,
  terms: PaceTerms,
  nowUs: number,
  workers: number,
): Decision {
  const unwell = terms.probe ? undefined : unwellLocally(memory, workers);
  if (unwell) {
    const none = { charge: 0, baseUs: nowUs, local: true, tracked: false };
    return { verdict: unwell, nowUs, slotUs: nowUs, ...none };
  }
  const intervalUs = terms.intervalUs * workers;
  const after = memory.lastSlotUs + intervalUs;
  let slotUs = after <= nowUs + longestWaitMs * 1000 + intervalUs ? Math.max(nowUs, after) : nowUs;
  let verdict: Decision["verdict"] = "pace";
  if (memory.closedUntilUs > slotUs) {
    slotUs = memory.closedUntilUs;
    verdict = "closed";
  }
  const { charge, freeUs } = tokensLocally(memory, terms, nowUs);
  if (freeUs > slotUs) {
    slotUs = freeUs;
    verdict = "tokens";
  }
  const day = dayOf(slotUs, terms.zoneSeconds);
  // The others are assumed to have called as often as this process since Redis left.
  const used = memory.day === day ? memory.used + memory.untold * workers : 0;
  if (terms.quota >= 0 && used >= terms.quota) {
    slotUs = dayStartUs(day + 1, terms.zoneSeconds);
    verdict = "quota";
  }
  const decision = { nowUs, slotUs, charge, baseUs: slotUs, local: true, tracked: true };
  if (slotUs - nowUs > terms.maxWaitUs || terms.quota === 0) return { ...decision, verdict };
  if (isFullLocally(memory, terms, workers)) return { ...decision, verdict: "concurrency" };

  memory.lastSlotUs = slotUs;
  payLocally(memory, terms, decision, workers);
  countLocally(memory, dayOf(slotUs, terms.zoneSeconds));
  return { ...decision, verdict: "reserved" };
}

/** What this process knows of the provider's health keeps its calls back. */
function unwellLocally({ health, inFlight }: KeyMemory, workers: number) {
  if (health?.state === "open") return "away";
  const isFull =
    health?.state === "ramp" && inFlight >= Math.max(1, Math.floor(health.ramp / workers));
  return isFull ? "recovering" : undefined;
}

/** Takes back a slot that `reserveLocally` gave and nobody used. */
export function giveBackLocally(
  memory: KeyMemory,
  terms: PaceTerms,
  slot: Decision,
  workers: number,
): void {
  const { slotUs } = slot;
  settleLocally(memory, terms, slot, 0, workers);
  forgetSlot(memory, slotUs, terms.intervalUs * workers);
  if (memory.day === dayOf(slotUs, terms.zoneSeconds) && memory.untold > 0) memory.untold -= 1;
}

function countLocally(memory: KeyMemory, day: number): void {
  if (memory.day !== day) Object.assign(memory, { day, used: 0, untold: 0 });
  memory.untold += 1;
}
