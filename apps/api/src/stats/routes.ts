import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { answers } from "../answers.ts";
import type { AppServices } from "../app-services.ts";
import { checklistOf } from "./checklist.ts";
import { createCountReader, createUsageReader, type StatsOptions } from "./read-stats.ts";
import { Stats, UsageAnswer, UsageQuery } from "./schemas.ts";
import { usageWindow } from "./usage-window.ts";

/** Counts, times, the checklist and what was spent; for operators. */
export function statsRoutes(services: AppServices, options: StatsOptions): FastifyPluginAsyncZod {
  return async (app) => {
    await app.register(countsRoute(services, options));
    await app.register(usageRoute(services, { timeZone: options.usageTimeZone }));
  };
}

/** `GET /v1/stats`, over all tenants. */
function countsRoute(services: AppServices, options: StatsOptions): FastifyPluginAsyncZod {
  const read = createCountReader(services, options);
  const readUsage = createUsageReader(services.reads.usage, options.usageTimeZone);
  return async (app) => {
    app.get(
      "/v1/stats",
      {
        schema: {
          tags: ["statistics"],
          operationId: "getStats",
          summary:
            "Count jobs by kind and status, with the past hour's times, the checklist and usage",
          response: answers({ 200: Stats }, ["forbidden"]),
        },
        config: { access: "operator" },
      },
      async (request) => {
        const { language } = request;
        const [{ facts, ...counted }, usage] = await Promise.all([
          read(""),
          // The sums take longest; the checklist is read when things go wrong and must not wait.
          readUsage("").catch((error: unknown) => {
            request.log.warn({ cause: String(error) }, "usage was not summed up");
            return null;
          }),
        ]);
        return { ...counted, checklist: checklistOf(facts, options.limits, language), usage };
      },
    );
  };
}

/** `GET /v1/stats/usage`, over all tenants. */
function usageRoute(
  { reads: { usage } }: AppServices,
  { timeZone }: { timeZone: string },
): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      "/v1/stats/usage",
      {
        schema: {
          tags: ["statistics"],
          operationId: "getUsage",
          summary: "Add up tokens and cost by day, kind, set, model, batch or job",
          querystring: UsageQuery,
          response: answers({ 200: UsageAnswer }, ["invalid_field", "forbidden"]),
        },
        config: { access: "operator" },
      },
      async ({ query: { by, from, to, limit }, language }) => {
        const window = usageWindow({ by, from, to }, timeZone, new Date(), language);
        const [rows, total] = await Promise.all([usage.by(by, window, limit), usage.total(window)]);
        return { by, ...window, total, rows };
      },
    );
  };
}
