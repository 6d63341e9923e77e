export * from "./api-keys.ts";
export * from "./batches.ts";
export * from "./cancel.ts";
export * from "./claim.ts";
export * from "./database.ts";
export * from "./fair-clock.ts";
export * from "./holds.ts";
export * from "./ids.ts";
export * from "./leases.ts";
export {
  type EventWrite,
  type HeldJob,
  type ProgressWrite,
  readStep,
  writeStep,
} from "./live-writes.ts";
export * from "./micro-batcher.ts";
export * from "./migrations.ts";
export * from "./pool.ts";
export * from "./queue-settings.ts";
export * from "./reads/index.ts";
export { createPrisma } from "./reads/prisma.ts";
export { countQueues } from "./reads/queue-counts.ts";
export * from "./retry.ts";
export * from "./schedule-times.ts";
export * from "./schedules.ts";
export * from "./settle.ts";
export * from "./spend.ts";
export * from "./sql.ts";
export * from "./submit.ts";
export * from "./sweep.ts";
export * from "./tenants.ts";
export * from "./webhook-secrets.ts";
export * from "./webhooks.ts";
