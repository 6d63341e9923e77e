export * from "./connection/micro-batcher.ts";
export * from "./connection/pool.ts";
export { answered, createPrisma, prismaOf } from "./connection/prisma.ts";
export * from "./connection/sql.ts";
export * from "./database.ts";
export * from "./ids.ts";
export * from "./jobs/batches.ts";
export * from "./jobs/cancel.ts";
export * from "./jobs/claim.ts";
export * from "./jobs/fair-clock.ts";
export * from "./jobs/holds.ts";
export {
  type EventWrite,
  type HeldJob,
  type ProgressWrite,
  readStep,
  writeStep,
} from "./jobs/live-writes.ts";
export * from "./jobs/retry.ts";
export * from "./jobs/settle.ts";
export * from "./jobs/spend.ts";
export * from "./jobs/submit.ts";
export * from "./keys/api-keys.ts";
export * from "./keys/tenants.ts";
export * from "./migrations/migrations.ts";
export * from "./queues/queue-settings.ts";
export * from "./reads/index.ts";
export { countQueues } from "./reads/queue-counts.ts";
export * from "./schedules/schedule-times.ts";
export * from "./schedules/schedules.ts";
export * from "./sweep/dispatch-checks.ts";
export type { DispatchableJob } from "./sweep/dispatchable-job.ts";
export { endLongHolds } from "./sweep/end-waiting.ts";
export * from "./sweep/leases.ts";
export * from "./sweep/parking.ts";
export * from "./sweep/sweep.ts";
export type { LostJob, SweptJob } from "./sweep/swept-job.ts";
export * from "./webhooks/webhook-secrets.ts";
export * from "./webhooks/webhooks.ts";
