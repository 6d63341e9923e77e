import { lookup } from "node:dns";
import { Webhook } from "standardwebhooks";
import { Agent, type Dispatcher, request } from "undici";
import { type CallObserver, observeCall } from "../observe-call.ts";
import { retryAfterMs } from "../retry-after.ts";
import { sentence } from "../sentences.ts";
import { UpstreamError } from "../upstream-error.ts";
import {
  assertPublicLiteral,
  guardedLookup,
  RefusedAddress,
  type Resolve,
} from "./address-guard.ts";
import { fewAtOnce } from "./few-at-once.ts";

/** Watched calls are of service `webhook`. */
export type WebhookSenderOptions = CallObserver & {
  /** Lets callbacks go to private and loopback addresses. Default false. */
  allowPrivate?: boolean;
  /** Longest time from connecting to the last byte, milliseconds. Default 15,000. */
  timeoutMs?: number;
  /** Default `dns.lookup`. */
  resolve?: Resolve;
};

export type WebhookCall = {
  url: string;
  /** The same for every attempt: receivers know a repetition by it. */
  id: string;
  body: string;
  /** The first is the present one; all of them sign. */
  secrets: string[];
  signal?: AbortSignal;
};

export type WebhookAnswer = {
  status: number;
  /** What `Retry-After` asks for, milliseconds. */
  retryAfterMs: number | undefined;
  /** How the answer began. */
  text: string;
};

export type WebhookSender = {
  /**
   * One signed POST by Standard Webhooks 1.0; redirects are answers like others. Throws
   * RefusedAddress without having connected, UpstreamError `timeout` or `network`, and the signal's
   * reason when it aborts.
   */
  send(call: WebhookCall): Promise<WebhookAnswer>;
  close(): Promise<void>;
};

/** More of an answer is not read. */
const readBytes = 65_536;
const keptCharacters = 500;

/** Sends webhooks. Every address of the receiver has to be public, and the checked one is called. */
export function createWebhookSender(options: WebhookSenderOptions = {}): WebhookSender {
  const {
    allowPrivate = false,
    timeoutMs = 15_000,
    resolve = fewAtOnce(lookup as Resolve),
  } = options;
  const agent = new Agent({
    ...{ allowH2: false, keepAliveTimeout: 5_000 },
    connect: allowPrivate ? {} : { lookup: guardedLookup(resolve) },
  });

  async function post(call: WebhookCall, watched: Record<string, string>): Promise<WebhookAnswer> {
    const url = new URL(call.url);
    if (!allowPrivate) assertPublicLiteral(url);
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const { statusCode, headers, body } = await request(url, {
        ...{ method: "POST", dispatcher: agent, body: call.body },
        headers: { ...watched, ...headersOf(call) },
        signal: call.signal ? AbortSignal.any([call.signal, deadline]) : deadline,
      });
      const text = await beginningOf(body);
      call.signal?.throwIfAborted();
      return { status: statusCode, retryAfterMs: retryAfterMs(headers, Date.now()), text };
    } catch (error) {
      call.signal?.throwIfAborted();
      throw failureOf(error, deadline.aborted ? timeoutMs : undefined);
    }
  }

  return {
    send: (call) =>
      observeCall(
        { service: "webhook", operation: "deliver", signal: call.signal },
        options,
        async ({ answered, headers }) => {
          const answer = await post(call, headers);
          answered(answer.status);
          return answer;
        },
      ),
    close: () => agent.close(),
  };
}

function headersOf({ id, body, secrets }: WebhookCall): Record<string, string> {
  // Of this attempt: receivers refuse signatures that are older than some minutes.
  const now = new Date();
  const signatures = secrets.map((secret) => new Webhook(secret).sign(id, now, body));
  return {
    "content-type": "application/json",
    "user-agent": "Ilgam-Webhooks/1",
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(now.getTime() / 1_000)),
    "webhook-signature": signatures.join(" "),
  };
}

/** The first 64 KB; the rest is not waited for. */
async function beginningOf(body: Dispatcher.ResponseData["body"]): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= readBytes) break;
    }
  } catch {
    // The status has come, and it decides; an answer that breaks off or drags on is cut there.
  }
  return Buffer.concat(chunks).toString("utf8").replaceAll("\0", "").slice(0, keptCharacters);
}

function failureOf(error: unknown, timeoutMs: number | undefined): Error {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof RefusedAddress) return cause;
  }
  if (timeoutMs === undefined) {
    return new UpstreamError("network", sentence("webhook_network"), { cause: error });
  }
  const seconds = Math.round(timeoutMs / 100) / 10;
  return new UpstreamError("timeout", sentence("webhook_timeout", { seconds }), { cause: error });
}
