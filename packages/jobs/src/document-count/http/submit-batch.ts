import { inUtc, type Language, message } from "@ilgam/contracts";
import type { RouteDependencies } from "../../routing/route-dependencies.ts";
import { newBatchName } from "../../submitting/new-batch-name.ts";
import { documentCount } from "../contract.ts";
import { BatchAccepted, type BatchRequest } from "./schemas.ts";

/**
 * Accepts a batch, one job a keyword; durable when it resolves.
 * @throws ApiError idempotency_conflict
 */
export async function submitBatch(
  submitter: RouteDependencies["submitter"],
  body: BatchRequest,
  caller: { tenantId: string; language: Language; idempotencyKey: string | undefined },
): Promise<BatchAccepted> {
  const { priority, sources } = body;
  const keywords = [...new Set(body.keywords)];
  const callbackUrl = body.callback_url ?? body.callbackUrl;
  const runAt = body.runAt && inUtc(body.runAt);
  const answer: BatchAccepted = {
    success: true,
    jobId: newBatchName("batch"),
    message: message("batch_started", caller.language),
  };
  const key = caller.idempotencyKey;
  const submitted = await submitter.submit({
    tenantId: caller.tenantId,
    kind: documentCount.kind,
    jobs: keywords.map((keyword) => ({ input: { keyword, sources }, priority, runAt })),
    batch: { publicId: answer.jobId, callbackUrl, metadata: { sources } },
    ...(key !== undefined && {
      idempotency: {
        route: "POST /api/documents/batch",
        key,
        content: { keywords, priority, sources, callbackUrl, runAt },
        response: () => answer,
      },
    }),
  });
  return submitted.status === "replayed" ? BatchAccepted.parse(submitted.response) : answer;
}
