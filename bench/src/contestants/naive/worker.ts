import { Worker } from "bullmq";
import { Redis } from "ioredis";
import { openPrisma } from "./prisma.ts";

// The usual worker: processing, the work, completed with its result.
const prisma = openPrisma();
const worker = new Worker(
  "naive",
  async (job: { data: { id: string } }) => {
    const { id } = job.data;
    await prisma.job.update({
      where: { id },
      data: { status: "processing", startedAt: new Date(), attempt: { increment: 1 } },
    });
    await prisma.$transaction([
      prisma.jobResult.create({ data: { jobId: id, run: 1, epoch: 1, output: { ok: true } } }),
      prisma.job.update({
        where: { id },
        data: { status: "completed", finishedAt: new Date(), progress: 100 },
      }),
    ]);
  },
  {
    connection: new Redis(process.env.REDIS_URL ?? "", { maxRetriesPerRequest: null }),
    concurrency: 50,
    removeOnComplete: { count: 1_000 },
  },
);
await worker.waitUntilReady();
console.log("ready");
