import { ApiError, ProviderName } from "@ilgam/contracts";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { answers } from "../answers.ts";
import { ProviderView } from "./provider-view.ts";
import type { Providers } from "./read-providers.ts";

const tags = ["providers"];
const config = { access: "operator" } as const;

/** The outside services: how they stand, and a look whether one is back. */
export function providerRoutes(providers: Providers): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      "/v1/providers",
      {
        schema: {
          tags,
          operationId: "listProviders",
          summary: "Show the outside services: whether they work, their pace, and jobs that wait",
          response: answers({ 200: z.object({ providers: z.array(ProviderView) }) }, ["forbidden"]),
        },
        config,
      },
      async ({ language }) => ({ providers: await providers.list(language) }),
    );
    app.post(
      "/v1/providers/:name/probe",
      {
        schema: {
          tags,
          operationId: "probeProvider",
          summary: "Have a worker look at once whether a service is back",
          params: z.object({ name: z.string() }),
          response: answers({ 202: ProviderView }, ["provider_not_found", "forbidden"]),
        },
        config,
      },
      async ({ params, language }, reply) => {
        const { data: name } = ProviderName.safeParse(params.name);
        if (!name || !providers.names.includes(name)) throw new ApiError("provider_not_found");
        return reply.status(202).send(await providers.probe(name, language));
      },
    );
  };
}
