const defaultHours = 24;

/** Which stored counts may still be used. */
export type CountAge = {
  maxAgeMs: number;
  /** Counts that the sandbox made up are none: the real service has been configured since. */
  realOnly: boolean;
};

/**
 * Reads `DOCUMENT_COUNT_CACHE_HOURS` (default 24; 0 = never reuse), and from Naver's address
 * whether sandbox counts of an earlier trial must be asked again.
 * @throws Error naming the setting when it is wrong.
 */
export function countAgeOf(env: Record<string, string | undefined>): CountAge {
  const raw = env.DOCUMENT_COUNT_CACHE_HOURS;
  const hours = raw === undefined || raw === "" ? defaultHours : Number(raw);
  if (!Number.isFinite(hours) || hours < 0) {
    throw new Error(`DOCUMENT_COUNT_CACHE_HOURS must be a number of at least 0, not "${raw}"`);
  }
  return { maxAgeMs: hours * 3_600_000, realOnly: isNaver(env) };
}

function isNaver(env: Record<string, string | undefined>): boolean {
  if (env.NAVER_PROVIDER === "sandbox") return false;
  if (!env.NAVER_BASE_URL) return Boolean(env.NAVER_CLIENT_ID);
  return /(^|\.)naver\.com$/.test(URL.parse(env.NAVER_BASE_URL)?.hostname ?? "");
}
