import { Usage } from "@ilgam/contracts";
import { usageDimensions } from "@ilgam/db";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { answers } from "../answers.ts";
import type { AppServices } from "../app-services.ts";
import { usageWindow } from "./usage-window.ts";

export const UsageRow = Usage.extend({
  /** The day, the name of the kind or model, or the id of the set, batch or job. */
  key: z.string(),
  /** Whose set, batch or job it is. */
  tenant: z.string().optional(),
  kind: z.string().optional(),
  /** Attempts that spent something; not for batches and jobs. */
  attempts: z.int().optional(),
}).meta({ id: "UsageRow" });

const Query = z.object({
  by: z.enum(usageDimensions),
  from: z.iso.date().optional().meta({ description: "First day; default 29 days before `to`." }),
  to: z.iso.date().optional().meta({ description: "Last day; default today." }),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});

const UsageAnswer = z
  .object({
    by: Query.shape.by,
    timeZone: z.string(),
    from: z.string(),
    to: z.string(),
    total: Usage,
  })
  .extend({ rows: z.array(UsageRow) })
  .meta({ id: "UsageByDimension" });

/** `GET /v1/stats/usage`, over all tenants. */
export function usageRoute(
  { reads: { usage } }: AppServices,
  { timeZone }: { timeZone: string },
): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      "/v1/stats/usage",
      {
        schema: {
          tags: ["operations"],
          summary: "Add up tokens and cost by day, kind, set, model, batch or job",
          querystring: Query,
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
