/** How much may be asked a minute; a full minute's worth at once, refilled continuously. */
export type Limits = { requestsPerMinute: number; tokensPerMinute: number };

type Bucket = { level: number; at: number };

/** The limits of one account, as the OpenAI API keeps and reports them. */
export function createRateLimits(limits: () => Limits, now: () => number) {
  const requests: Bucket = { level: Number.POSITIVE_INFINITY, at: 0 };
  const tokens: Bucket = { level: Number.POSITIVE_INFINITY, at: 0 };

  function refill(bucket: Bucket, perMinute: number): void {
    const at = now();
    bucket.level = Math.min(perMinute, bucket.level + ((at - bucket.at) * perMinute) / 60_000);
    bucket.at = at;
  }

  return {
    /** Takes one request and its tokens. @returns ms until they are there; 0 when they were taken. */
    take(wantedTokens: number): number {
      const { requestsPerMinute, tokensPerMinute } = limits();
      refill(requests, requestsPerMinute);
      refill(tokens, tokensPerMinute);
      const waitMs = Math.max(
        ((1 - requests.level) * 60_000) / requestsPerMinute,
        ((Math.min(wantedTokens, tokensPerMinute) - tokens.level) * 60_000) / tokensPerMinute,
      );
      if (waitMs > 0) return waitMs;
      requests.level -= 1;
      tokens.level -= wantedTokens;
      return 0;
    },
    /** `x-ratelimit-*`: what is left, and the time until all of it is back. */
    headers(): Record<string, string> {
      const { requestsPerMinute, tokensPerMinute } = limits();
      return {
        ...report("requests", requests, requestsPerMinute),
        ...report("tokens", tokens, tokensPerMinute),
      };
    },
  };
}

function report(name: string, bucket: Bucket, perMinute: number): Record<string, string> {
  const left = Math.max(0, Math.floor(bucket.level));
  return {
    [`x-ratelimit-limit-${name}`]: String(perMinute),
    [`x-ratelimit-remaining-${name}`]: String(left),
    [`x-ratelimit-reset-${name}`]: duration(((perMinute - bucket.level) * 60_000) / perMinute),
  };
}

/** As the service writes it: `6m0s`, `1.5s`, `20ms`. */
function duration(ms: number): string {
  if (ms < 1000) return `${Math.ceil(ms)}ms`;
  const seconds = Math.ceil(ms / 10) / 100;
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${Math.ceil(seconds % 60)}s`;
}
