import type { Decision, PaceTerms } from "./decision.ts";
import type { KeyMemory } from "./key-memory.ts";

const minuteUs = 60_000_000;
/** Tokens are never owed for longer; further ahead means that the clock went back. */
const longestDebtUs = 2 * minuteUs;

function costUs(terms: PaceTerms, tokens: number, workers: number): number {
  return (tokens * workers * minuteUs) / terms.tokensPerMinute;
}

/** What a call is charged without Redis, and when this process' share of the tokens has it. */
export function tokensLocally(memory: KeyMemory, terms: PaceTerms, nowUs: number) {
  const { tokensPerMinute, call } = terms;
  if (tokensPerMinute === 0) return { charge: 0, freeUs: 0 };
  const output = memory.outputs.get(call.label) ?? call.output;
  const charge = Math.min(tokensPerMinute, Math.max(1, call.input + Math.min(output, call.output)));
  const freeUs = memory.tokensFreeUs > nowUs + longestDebtUs ? 0 : memory.tokensFreeUs;
  return { charge, freeUs };
}

/** Whether this process' share of the calls under way is taken; one is always allowed. */
export function isFullLocally(memory: KeyMemory, terms: PaceTerms, workers: number): boolean {
  const { maxConcurrency } = terms;
  if (maxConcurrency === 0) return false;
  return memory.inFlight >= Math.max(1, Math.floor(maxConcurrency / workers));
}

/** Charges a call that was admitted without Redis. */
export function payLocally(
  memory: KeyMemory,
  terms: PaceTerms,
  slot: Pick<Decision, "charge" | "slotUs">,
  workers: number,
): void {
  memory.inFlight += 1;
  if (slot.charge === 0) return;
  memory.tokensFreeUs =
    Math.max(memory.tokensFreeUs, slot.slotUs) + costUs(terms, slot.charge, workers);
}

/** The end of a call that was admitted without Redis. */
export function settleLocally(
  memory: KeyMemory,
  terms: PaceTerms,
  slot: Decision,
  usedTokens: number | undefined,
  workers: number,
): void {
  memory.inFlight = Math.max(0, memory.inFlight - 1);
  if (usedTokens === undefined || slot.charge === 0) return;
  memory.tokensFreeUs -= costUs(terms, slot.charge - usedTokens, workers);
}
