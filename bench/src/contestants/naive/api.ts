import { newId } from "@ilgam/db";
import { Queue } from "bullmq";
import fastify from "fastify";
import { Redis } from "ioredis";
import { openPrisma } from "./prisma.ts";

// What one writes first: a row by Prisma, then queue.add, then the answer.
const prisma = openPrisma();
const queue = new Queue("naive", {
  connection: new Redis(process.env.REDIS_URL ?? "", { maxRetriesPerRequest: null }),
});
const app = fastify();
app.post<{ Body: { kind: string; input: object } }>("/v1/jobs", async (request, reply) => {
  const id = newId();
  const { kind, input } = request.body;
  const now = new Date();
  await prisma.job.create({
    data: {
      id,
      tenantId: "public",
      kind,
      queue: kind,
      priority: "normal",
      virtualStart: 0,
      maxAttempts: 3,
      runAt: now,
      checkAt: now,
      metadata: { input },
    },
  });
  await queue.add(kind, { id }, { jobId: id });
  return reply.code(202).send({ id, status: "queued" });
});
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
console.log("ready");
