import { Agent, type Dispatcher, request } from "undici";
import { callProvider } from "../health/call-provider.ts";
import { type CallObserver, observeCall } from "../observe-call.ts";
import type { Pace } from "../pace/create-pace.ts";
import { naverPaceKey } from "../pace/keys.ts";
import type { PacePolicy } from "../pace/policy.ts";
import { warmUp } from "../warm-up.ts";
import { readCount } from "./naver-answer.ts";
import { brokenCall, createRefusal } from "./naver-failure.ts";
import { type NaverSource, naverPaths } from "./naver-source.ts";

export type NaverProvider = "naver" | "sandbox";

/** Watched calls are of service `naver`. */
export type NaverSearchOptions = CallObserver & {
  /** Origin, such as the service's or the sandbox's; a path in front of `/v1` is kept. */
  baseUrl: string;
  clientId: string;
  clientSecret: string;
  pace: Pace;
  policy: PacePolicy;
  /** The pace's key: one per set of credentials. Default `naver-search`. */
  paceKey?: string;
  /** Longest time from sending to the last byte, milliseconds. Default 10,000. */
  timeoutMs?: number;
  /** Who answers at `baseUrl`. A sandbox that says so in its answer is believed over this. */
  provider: NaverProvider;
};

export type CountRequest = {
  query: string;
  source: NaverSource;
  signal?: AbortSignal;
  /** `job_id:run:epoch`, sent as `Idempotency-Key` for logs; Naver ignores it. */
  idempotencyKey?: string;
  /** Overrides the policy's longest wait for a turn, milliseconds. */
  maxWaitMs?: number;
};

export type NaverCount = { total: number; provider: NaverProvider };

export type NaverSearch = {
  /**
   * The number of documents Naver finds: one call, at the pace's next slot. Throws TryLater when
   * that is not soon or Naver says to slow down (the key closes for everybody), Held when it is away
   * or refuses the credentials, GiveUp when it refuses the request, UpstreamError when it may be
   * retried, and the signal's reason when it aborts.
   */
  count(request: CountRequest): Promise<NaverCount>;
  /** Closes the connections once the calls under way are done. */
  close(): Promise<void>;
};

/** A client of Naver's Search API. It keeps its own connections and never retries by itself. */
export function createNaverSearch(options: NaverSearchOptions): NaverSearch {
  const { baseUrl, pace, policy, timeoutMs = 10_000, paceKey = naverPaceKey } = options;
  const agent = new Agent({ allowH2: false, keepAliveTimeout: 30_000, maxResponseSize: 1_000_000 });
  const refusalOf = createRefusal({ pace, paceKey, policy });
  const credentials = {
    "X-Naver-Client-Id": options.clientId,
    "X-Naver-Client-Secret": options.clientSecret,
  };

  warmUp(agent, baseUrl);

  async function call(wanted: CountRequest, watched: Record<string, string>) {
    const url = new URL(
      `${baseUrl.replace(/\/+$/, "")}/v1/search/${naverPaths[wanted.source]}.json`,
    );
    url.search = new URLSearchParams({ query: wanted.query, display: "1" }).toString();
    const { signal, idempotencyKey } = wanted;
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const response = await request(url, {
        dispatcher: agent,
        headers: {
          ...{ ...watched, ...credentials },
          ...(idempotencyKey && { "Idempotency-Key": idempotencyKey }),
        },
        signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      });
      return { ...response, text: await response.body.text() };
    } catch (error) {
      signal?.throwIfAborted();
      throw brokenCall(error, deadline.aborted ? timeoutMs : undefined);
    }
  }

  /** @param wanted its `probe` makes it whether or not the service is known to be away */
  function count(wanted: CountRequest & { probe?: boolean }): Promise<NaverCount> {
    const about = { service: "naver", operation: "search", signal: wanted.signal };
    return callProvider({ ...wanted, pace, key: paceKey, policy }, () =>
      observeCall(about, options, async ({ answered, headers: watched }) => {
        const { statusCode, headers, text } = await call(wanted, watched);
        answered(statusCode);
        if (statusCode !== 200) throw await refusalOf({ statusCode, headers, text });
        return { total: readCount(text), provider: providerOf(headers, options.provider) };
      }),
    );
  }

  pace.health.follow({
    key: paceKey,
    config: `${baseUrl} ${options.clientId} ${options.clientSecret}`,
    probe: async (signal) => {
      await count({ query: probeQuery, source: "news", signal, probe: true });
    },
  });
  return {
    count,
    close: () => agent.close(),
  };
}

/** Some word that is found: what matters is the answer. */
const probeQuery = "뉴스";

function providerOf(
  headers: Dispatcher.ResponseData["headers"],
  expected: NaverProvider,
): NaverProvider {
  return headers["x-sandbox"] === undefined ? expected : "sandbox";
}
