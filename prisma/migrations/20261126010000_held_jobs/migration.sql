-- Since when a queued job has been waiting for a service that is away; null for any other wait.
ALTER TABLE "jobs" ADD COLUMN "held_since" TIMESTAMPTZ(3);
