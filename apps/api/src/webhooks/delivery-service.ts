import { ApiError } from "@ilgam/contracts";
import {
  findWebhook,
  forgetWebhookJob,
  hastenWebhook,
  listWebhooks,
  type TenantScope,
  type WebhookHistory,
  type WebhookSecrets,
} from "@ilgam/db";
import type { AppServices } from "../app-services.ts";
import { isoOrNull } from "../jobs/to-job-view.ts";
import type { Delivery, Secret } from "./schemas.ts";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Sends a callback once more, whatever became of it. @throws ApiError delivery_not_found, not_finished */
export async function redeliver(
  { db, reads, retries }: AppServices,
  scope: TenantScope,
  subjectId: string,
  id: string,
): Promise<Delivery> {
  const webhook = uuid.test(id) ? await findWebhook(db.sql, scope, id) : undefined;
  if (webhook?.subjectId !== subjectId) throw new ApiError("delivery_not_found");
  const job = webhook.jobId ? await reads.jobs.find(webhook.tenantId, webhook.jobId) : undefined;
  if (job && !(await hastenWebhook(db.sql, webhook.id))) await retries.job(job);
  else if (!job) await forgetWebhookJob(db.sql, webhook.id);
  const all = await listWebhooks(db.sql, scope, subjectId);
  const now = all.find((one) => one.id === webhook.id);
  if (!now) throw new ApiError("delivery_not_found");
  return deliveryView(now);
}

const statusOf = {
  queued: "waiting",
  processing: "sending",
  completed: "delivered",
  failed: "failed",
  cancelled: "cancelled",
} as const;

/** A callback as clients read it. */
export function deliveryView(row: WebhookHistory): Delivery {
  const { id, endpoint: url, event, run, attempts } = row;
  return {
    ...{ id, url, event, run, attempts },
    status: statusOf[(row.jobStatus ?? "queued") as keyof typeof statusOf],
    createdAt: row.createdAt.toISOString(),
    nextAt: isoOrNull(row.nextAt),
  };
}

/** The signing secret as its tenant reads it. */
export function secretView({ secret, previous }: WebhookSecrets): Secret {
  const until = previous?.until.toISOString();
  return { secret, previous: previous && until ? { secret: previous.secret, until } : null };
}
