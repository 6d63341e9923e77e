import fastifyMultipart from "@fastify/multipart";
import type { RouteDependencies } from "@ilgam/jobs/routes";
import type { FastifyPluginAsync } from "fastify";
import type { AppOptions } from "../app-options.ts";
import type { AppServices } from "../app-services.ts";
import { systemOf } from "../plugins/system-addresses.ts";
import { restartQueue } from "../queues/restart-queue.ts";

/** The routes that the kinds bring along: the addresses of the five systems. */
export function systemRoutes(
  { db, dispatcher, submitter, reads, retries, canceller, files, receiveUpload }: AppServices,
  { rawEnv = {}, kindRoutes = [], providers }: AppOptions,
): FastifyPluginAsync {
  return async (app) => {
    const deps: RouteDependencies = {
      ...{ db, submitter, canceller, files, receiveUpload, env: rawEnv },
      isHeld: (kind) => providers?.holdOf(kind, "ko") !== undefined,
      restartQueue: (name, how) => restartQueue({ db, dispatcher, log: app.log }, name, how),
      retryJobs: async (tenantId, ids) => retries.jobs(await reads.jobs.targets(tenantId, ids)),
    };
    await app.register(fastifyMultipart);
    app.addHook("onRoute", (route) => {
      route.config = { ...route.config, system: systemOf(route.url) };
    });
    for (const routes of kindRoutes) {
      await app.register(routes(deps));
    }
  };
}
