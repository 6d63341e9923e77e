import { GiveUp, message, RetryableError, resolvePolicy } from "@ilgam/contracts";
import { findWebhook, recordWebhookAttempt, type Sql, webhookSecrets } from "@ilgam/db";
import {
  RefusedAddress,
  UpstreamError,
  type WebhookAnswer,
  type WebhookSender,
} from "@ilgam/upstream";
import type { JobContext } from "../../handling/job-context.ts";
import {
  type WebhookDeliveryPayload,
  type WebhookDeliveryResult,
  waitFactors,
  webhookDelivery,
} from "../contract.ts";
import { messageOf } from "./subject.ts";

type Context = JobContext<WebhookDeliveryPayload>;

export type WebhookDeliveryDependencies = {
  sql: Sql;
  webhooks: Pick<WebhookSender, "send">;
  env: Record<string, string | undefined>;
};

/** Sends one webhook and keeps what the receiver answered. */
export function createWebhookDeliveryProcessor(
  deps: WebhookDeliveryDependencies,
): (context: Context) => Promise<WebhookDeliveryResult> {
  const { sql } = deps;
  const firstWaitMs = resolvePolicy(webhookDelivery, deps.env).backoff.baseMs;
  return async (context) => {
    const { payload, job, signal } = context;
    const webhook = await findWebhook(sql, job.tenantId, payload.deliveryId);
    const body = webhook && (await messageOf(sql, webhook));
    if (!webhook) return { sent: false, status: null };
    if (body === undefined) {
      throw new GiveUp(message("webhook_subject_gone"), { code: "subject_gone" });
    }
    const { secret, previous } = await webhookSecrets(sql, job.tenantId);
    const secrets = [secret, ...(previous ? [previous.secret] : [])];
    signal.throwIfAborted();
    const since = performance.now();
    const call = { url: webhook.endpoint, id: `msg_${webhook.id}`, body, secrets, signal };
    const answer = await deps.webhooks.send(call).catch((error: unknown) => {
      signal.throwIfAborted();
      return error instanceof Error ? error : new Error("not an error", { cause: error });
    });
    const failure = failureOf(answer, waitMs(job.attempt, firstWaitMs));
    await recordWebhookAttempt(sql, webhook.id, {
      ...{ jobRun: job.run, attempt: job.attempt, durationMs: performance.now() - since },
      status: answer instanceof Error ? null : answer.status,
      answer: answer instanceof Error ? null : answer.text,
      error: failure?.message ?? null,
    });
    if (failure) throw failure;
    return { sent: true, status: answer instanceof Error ? null : answer.status };
  };
}

/** The wait after this try, up to a tenth longer so that receivers are not met by all at once. */
function waitMs(attempt: number, firstWaitMs: number): number {
  const factor = waitFactors[Math.min(attempt, waitFactors.length) - 1] ?? 1;
  return firstWaitMs * factor * (1 + Math.random() / 10);
}

/** Why an answer is no delivery; undefined for one. */
function failureOf(answer: WebhookAnswer | Error, delayMs: number): Error | undefined {
  if (answer instanceof RefusedAddress) {
    return new GiveUp(message("webhook_refused_address"), { code: "address_refused" });
  }
  if (answer instanceof UpstreamError) {
    const { code, message: sentence } = answer;
    return new RetryableError(sentence, { code, delayMs, cause: answer });
  }
  if (answer instanceof Error) return answer;
  const { status, retryAfterMs = 0 } = answer;
  if (status >= 200 && status < 300) return undefined;
  if (status === 410) return new GiveUp(message("webhook_gone"), { code: "receiver_gone" });
  const text = message("webhook_answered", "ko", { status });
  return new RetryableError(text, {
    code: "receiver_refused",
    delayMs: Math.max(delayMs, retryAfterMs),
  });
}
