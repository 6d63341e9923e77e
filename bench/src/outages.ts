import { machine, percentile } from "./harness/machine.ts";
import { startProduct } from "./harness/product.ts";
import { startServices } from "./harness/services.ts";

/* How submissions are answered while Redis, and then Postgres, is stopped. */
const requests = Number(process.env.BENCH_REQUESTS ?? 500);
const callers = 4;

const services = await startServices();
const product = await startProduct(services, { workers: 1 });

async function submitMany(label: string): Promise<void> {
  const times: number[] = [];
  const statuses = new Map<number, number>();
  let next = 0;
  const caller = async () => {
    for (let index = next++; index < requests; index = next++) {
      const startedAt = performance.now();
      const response = await fetch(`${product.url}/api/documents/batch`, {
        method: "POST",
        body: JSON.stringify({ keywords: [`${label} ${index}`] }),
      });
      await response.arrayBuffer();
      times.push(performance.now() - startedAt);
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const at = (share: number) => percentile(times, share).toFixed(1);
  const answers = [...statuses].map(([status, count]) => `${count} × ${status}`).join(", ");
  console.log(`${label}: ${answers}; p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms`);
}

try {
  console.log(`${machine()}; ${requests} submissions by ${callers} callers`);
  await submitMany("all is well");
  await services.redis.stop();
  await submitMany("Redis stopped");
  await services.postgres.stop("immediate");
  await submitMany("Postgres stopped");
} finally {
  await product.stop();
  await services.stop();
}
