import fastifyCookie from "@fastify/cookie";
import { touchApiKey } from "@ilgam/db";
import { createApiMetrics } from "@ilgam/telemetry";
import Fastify, { type FastifyInstance, LogController } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { createAdminSessions } from "./access/admin-sessions.ts";
import { createKeyUseNotes } from "./access/note-key-use.ts";
import type { AppOptions } from "./app-options.ts";
import { createAppServices } from "./app-services.ts";
import { batchRoutes } from "./batches/routes.ts";
import { bullBoard } from "./board/routes.ts";
import type { ApiEnv } from "./env.ts";
import { fileRoutes } from "./files/routes.ts";
import { healthRoutes } from "./health/routes.ts";
import { jobRoutes } from "./jobs/routes.ts";
import { keyRoutes } from "./keys/routes.ts";
import { listKindsRoute } from "./kinds/routes.ts";
import { systemRoutes } from "./kinds/system-routes.ts";
import { metricsRoute } from "./metrics/routes.ts";
import { collectOpenapi, serveOpenapi } from "./openapi/openapi.ts";
import { authentication } from "./plugins/authentication.ts";
import { answerFrameworkError, errors } from "./plugins/errors.ts";
import { jsonBody } from "./plugins/json-body.ts";
import { language } from "./plugins/language.ts";
import { observation, requestIdOf } from "./plugins/observation.ts";
import { requestSpans } from "./plugins/request-spans.ts";
import { zodValidator } from "./plugins/zod-validator.ts";
import { providerRoutes } from "./providers/routes.ts";
import { queueRoutes } from "./queues/routes.ts";
import { scheduleRoutes } from "./schedules/routes.ts";
import { statsRoutes } from "./stats/routes.ts";
import { tenantRoutes } from "./tenants/routes.ts";
import { webhookRoutes } from "./webhooks/routes.ts";
import { workerRoutes } from "./workers/routes.ts";

/** The whole HTTP application, not listening yet; `inject` works. Closes nothing it was given. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { env, db, dispatcher, tracing, providers, version = "0.0.0" } = options;
  const { bodyLimitBytes, checklist: limits, usageTimeZone } = env;
  const { readPaces = providers?.paces, isDraining = () => false } = options;
  const metrics = options.metrics ?? createApiMetrics(version);
  const services = createAppServices(options);
  const sessions = sessionsOf(env);
  const app = createServer(options);
  const onKeyUse = createKeyUseNotes(
    (id) => touchApiKey(db.sql, id),
    (error) => app.log.debug({ cause: String(error) }, "use of a key not noted"),
  );

  // Around every request.
  if (tracing) await app.register(requestSpans, { tracing });
  await app.register(language);
  await app.register(observation, { metrics });
  await app.register(errors, { bodyLimitBytes });
  await app.register(fastifyCookie, { hook: false });
  await app.register(authentication, { env, sessions, keys: services.keys, onKeyUse });
  await app.register(jsonBody);
  await collectOpenapi(app, version);

  // A resource each.
  await app.register(healthRoutes(services, { isDraining }));
  await app.register(jobRoutes(services, { bodyLimitBytes }));
  await app.register(batchRoutes(services));
  await app.register(listKindsRoute(services));
  await app.register(queueRoutes(services));
  await app.register(workerRoutes(services));
  await app.register(scheduleRoutes(services));
  await app.register(webhookRoutes(services));
  await app.register(keyRoutes(services));
  await app.register(tenantRoutes(services));
  await app.register(statsRoutes(services, { readPaces, limits, usageTimeZone }));
  if (providers) await app.register(providerRoutes(providers));
  await app.register(fileRoutes(services));
  await app.register(systemRoutes(services, options));
  await app.register(metricsRoute(metrics));
  await app.register(bullBoard(dispatcher, sessions));
  await serveOpenapi(app);
  await app.ready();
  return app;
}

function createServer({ env, log }: AppOptions) {
  const app = Fastify({
    ...(log ? { loggerInstance: log } : { logger: false }),
    bodyLimit: env.bodyLimitBytes,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIdOf,
    frameworkErrors: answerFrameworkError(env.bodyLimitBytes),
    requestTimeout: env.requestTimeoutMs,
    // Requests on open connections are served to the end while the process drains.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 200 },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(zodValidator);
  // The types of the routes check what they send; parsing every answer again would be paid by
  // each request.
  app.setSerializerCompiler(() => JSON.stringify);
  return app;
}

/** Logins exist where a key is asked for. */
function sessionsOf({ authMode, adminApiKey, adminSessionHours: hours }: ApiEnv) {
  if (authMode === "off" || adminApiKey === undefined) return undefined;
  return createAdminSessions({ adminApiKey, hours });
}
