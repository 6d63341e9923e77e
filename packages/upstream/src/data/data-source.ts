import { Agent, request } from "undici";
import { z } from "zod";
import { callProvider } from "../health/call-provider.ts";
import { type CallObserver, observeCall } from "../observe-call.ts";
import type { Pace } from "../pace/create-pace.ts";
import { dataPaceKey } from "../pace/keys.ts";
import { parseStorable } from "../parse-storable.ts";
import { brokenData, refusedData } from "./data-failure.ts";

/** Watched calls are of service `data`. */
export type DataSourceOptions = CallObserver & {
  /** Asked with POST; answers JSON. */
  url: string;
  /** Sent as a Bearer key; default none. */
  token?: string | undefined;
  /** Keeps its health; it has no pace of its own. */
  pace: Pace;
  /** Default `data`. */
  paceKey?: string;
  /** Longest time from sending to the last byte, milliseconds. */
  timeoutMs: number;
  /** Longest answer, bytes. */
  maxBytes: number;
};

export type DataRequest = {
  /** Sent as JSON. */
  body: unknown;
  signal?: AbortSignal;
  /** `job_id:run:epoch`, sent as `Idempotency-Key`. */
  idempotencyKey?: string;
};

export type DataSource = {
  /**
   * The JSON that the operator's service answers, without characters that Postgres cannot store in
   * its texts. Throws GiveUp when it refuses or the answer is too large, TryLater when it says to
   * come back later, Held when it is away or refuses the key, UpstreamError when it may be retried, and the signal's reason when it
   * aborts. Redirects are refusals.
   */
  ask(request: DataRequest): Promise<unknown>;
  /** Closes the connections once the calls under way are done. */
  close(): Promise<void>;
};

const whole = z.coerce.number().int().min(1);

/** The settings of the operator's data service in the environment; no address: there is none. */
export const DataEnv = z.object({
  AI_DATA_URL: z.url({ protocol: /^https?$/ }).optional(),
  AI_DATA_TOKEN: z.string().optional(),
  AI_DATA_TIMEOUT_MS: whole.max(600_000).default(30_000),
  AI_DATA_MAX_BYTES: whole.max(1_000_000).default(200_000),
});

/** The client's options as the environment gives them; undefined without an address. */
export function dataOptionsOf(
  env: z.infer<typeof DataEnv>,
): Omit<DataSourceOptions, "pace" | keyof CallObserver> | undefined {
  if (env.AI_DATA_URL === undefined) return undefined;
  return {
    url: env.AI_DATA_URL,
    token: env.AI_DATA_TOKEN,
    timeoutMs: env.AI_DATA_TIMEOUT_MS,
    maxBytes: env.AI_DATA_MAX_BYTES,
  };
}

/** A client of the operator's own data service. It never retries by itself. */
export function createDataSource(options: DataSourceOptions): DataSource {
  const { url, token, timeoutMs, maxBytes, pace, paceKey = dataPaceKey } = options;
  const agent = new Agent({ allowH2: false, maxResponseSize: maxBytes });

  // What else it does when it is asked only the operator knows: a job is the probe.
  pace.health.follow({ key: paceKey, config: `${url} ${token ?? ""}` });

  async function call({ body, signal, idempotencyKey }: DataRequest, watched: object) {
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const response = await request(url, {
        dispatcher: agent,
        method: "POST",
        headers: {
          ...watched,
          "content-type": "application/json",
          accept: "application/json",
          ...(token && { authorization: `Bearer ${token}` }),
          ...(idempotencyKey && { "idempotency-key": idempotencyKey }),
        },
        body: JSON.stringify(body),
        signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      });
      return { ...response, text: await response.body.text() };
    } catch (error) {
      signal?.throwIfAborted();
      throw brokenData(error, { maxBytes, timeoutMs: deadline.aborted ? timeoutMs : undefined });
    }
  }

  return {
    ask(wanted) {
      const about = { service: "data", operation: "ask", signal: wanted.signal };
      const { signal, idempotencyKey } = wanted;
      const guarded = { pace, key: paceKey, policy: { intervalMs: 0 }, signal, idempotencyKey };
      return callProvider(guarded, () =>
        observeCall(about, options, async ({ answered, headers: watched }) => {
          const { statusCode, headers, text } = await call(wanted, watched);
          answered(statusCode);
          if (statusCode < 200 || statusCode > 299) throw refusedData(statusCode, headers);
          return readData(text);
        }),
      );
    },
    close: () => agent.close(),
  };
}

function readData(text: string): unknown {
  try {
    return parseStorable(text);
  } catch (error) {
    throw brokenData(error, { malformed: true });
  }
}
