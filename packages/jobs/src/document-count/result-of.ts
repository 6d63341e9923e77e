import type { DocumentCountResult } from "./contract.ts";
import type { StoredCount } from "./count-store.ts";

/** A keyword's counts together; made up as soon as one of them is. */
export function resultOf(
  keyword: string,
  counts: StoredCount[],
  cached: boolean,
): DocumentCountResult {
  return {
    keyword,
    counts: Object.fromEntries(counts.map(({ source, count }) => [source, count])),
    provider: counts.some(({ provider }) => provider === "sandbox") ? "sandbox" : "naver",
    cached,
  };
}
