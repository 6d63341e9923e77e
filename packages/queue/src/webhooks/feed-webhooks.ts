import type { JobDefinition } from "@ilgam/contracts";
import { assignWebhookJobs, type Database, submitAll, unsentWebhooks } from "@ilgam/db";
import type { Submitter } from "../dispatch/submitter.ts";

const pageSize = 200;

/**
 * Makes a job of each webhook that has none, of the kind that `delivers: "webhooks"`. The webhook's
 * row was written by the statement that ended its subject and takes its job in the transaction that
 * inserts it: none is forgotten, and none gets two.
 */
export function createWebhookFeeder(options: {
  db: Database;
  submitter: Pick<Submitter, "prepare">;
  definitions: readonly JobDefinition[];
}): () => Promise<void> {
  const { db, submitter } = options;
  const definition = options.definitions.find((one) => one.delivers === "webhooks");
  if (!definition) return async () => undefined;
  const { kind, payload } = definition;

  async function feed(tenantId: string, ids: string[]): Promise<void> {
    const jobs = ids.map((deliveryId) => ({
      input: payload.parse({ deliveryId }),
      priority: "normal" as const,
    }));
    const { submission, announce } = await submitter.prepare({ tenantId, kind, jobs });
    const wanted = submission.jobs.map((job, index) => ({
      id: ids[index] as string,
      jobId: job.id,
    }));
    await db.sql.transaction(async (tx) => {
      const assigned = new Set(await assignWebhookJobs(tx, wanted));
      // Another sweeper may have been there; what it took has its job already.
      const own = submission.jobs.filter((job) => assigned.has(job.id));
      if (own.length > 0) await submitAll(tx, [{ ...submission, jobs: own }]);
    });
    announce();
  }

  return async () => {
    let page: Awaited<ReturnType<typeof unsentWebhooks>>;
    do {
      page = await unsentWebhooks(db.sql, pageSize);
      for (const [tenantId, group] of Map.groupBy(page, (one) => one.tenantId)) {
        await feed(
          tenantId,
          group.map(({ id }) => id),
        );
      }
    } while (page.length === pageSize);
  };
}
