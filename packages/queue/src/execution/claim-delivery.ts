import { randomUUID } from "node:crypto";
import type { ClaimedJob, Database } from "@ilgam/db";
import type { Delivery } from "./delivery.ts";
import { persist } from "./persist.ts";

/** The job, claimed for `workerId`, or what becomes of the delivery without one. */
export type Claimed = { job: ClaimedJob; workerId: string } | { delivery: Delivery };

/**
 * Claims a delivered job. While Postgres is away it goes on trying until `closing` aborts; the
 * claim's token makes a repeated claim the same one.
 */
export async function claimDelivery(
  db: Pick<Database, "claim">,
  jobId: string,
  workerId: string,
  closing: AbortSignal,
): Promise<Claimed> {
  if (closing.aborted) return { delivery: { type: "dropped", why: "closing" } };
  const request = { id: jobId, workerId, token: randomUUID() };
  const claim = await persist(() => db.claim(request), closing).catch((error: unknown) => {
    if (error === closing.reason) return undefined;
    throw error;
  });
  if (!claim) return { delivery: { type: "dropped", why: "closing" } };
  if (claim.status === "early") return { delivery: { type: "early", inMs: claim.inMs } };
  if (claim.status === "gone") return { delivery: { type: "dropped", why: "gone" } };
  return { job: claim.job, workerId };
}
