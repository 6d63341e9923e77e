/** How fast a provider key may be called, over all processes together. */
export type PacePolicy = {
  /** Time from one call to the next, milliseconds. 0 = no pace, only the quota and closing. */
  intervalMs: number;
  /** Calls a day in `quotaTimeZone`; unlimited when absent. */
  dailyQuota?: number;
  /** IANA name of the zone whose midnight renews the quota. Default `Asia/Seoul`. */
  quotaTimeZone?: string;
  /** Longest wait inside the process, milliseconds, at most 60,000. Default 2,000. */
  maxWaitMs?: number;
  /**
   * Tokens a minute, evenly spread; unlimited when absent. Each reservation says how many it may
   * need, and each admission is settled.
   */
  tokensPerMinute?: number;
  /** Never more tokens in any 60 s, calls under way as charged. Default `tokensPerMinute`. */
  tokenCeiling?: number;
  /** Calls under way at once, until settled; unlimited when absent. */
  maxConcurrency?: number;
  /** A call not settled for so long counts as under way no more, ms. Default 600,000. */
  longestCallMs?: number;
};

/** What one call may need of the key's tokens. */
export type TokenDemand = {
  /** Calls alike by one name: what they used beyond their input is learned for it. */
  label: string;
  /** Estimated tokens of the input. */
  input: number;
  /** Most tokens of the output; charged until something has been learned for the label. */
  output: number;
};

/** Leave to make one call, now. */
export type Admission = {
  /** The slot by Redis time, epoch milliseconds with fractions; slots are `intervalMs` apart. */
  slotAt: number;
  /** How long the caller was held, milliseconds. */
  waitedMs: number;
  /** Granted by this process alone, because Redis was away. */
  degraded: boolean;
  /** Tokens charged; 0 when the policy limits none. */
  tokens: number;
  /**
   * To be called when the call has ended; the first time counts.
   * @param usedTokens by the provider's count; 0 when it refused the call; when absent nobody
   *   knows, and what was charged stands.
   */
  settle(usedTokens?: number): Promise<void>;
};

/** Where a key stands. Times are epoch milliseconds by Redis time. */
export type PaceStatus = {
  /** Nobody may call before; null while the key is open. */
  closedUntil: number | null;
  /** Why it is closed, one sentence; null while it is open. */
  why: string | null;
  /** The earliest slot that a caller could get now. */
  nextSlotAt: number;
  /** Calls counted since midnight in the quota's time zone. */
  usedToday: number;
  /** Given out for calls of the last 60 s; 0 for a key without a limit of tokens. */
  tokensLastMinute: number;
  /** Calls a day; null when unlimited or when the key has never been used. */
  quota: number | null;
  /** Redis was away: this is what the process remembers. */
  degraded: boolean;
};

/** Longest wait a policy may ask for. A slot further ahead means that Redis' clock went back. */
export const longestWaitMs = 60_000;
export const defaultMaxWaitMs = 2_000;
export const defaultLongestCallMs = 600_000;
export const defaultQuotaTimeZone = "Asia/Seoul";
