import fastifyCookie from "@fastify/cookie";
import fastifyMultipart from "@fastify/multipart";
import { createKeyRing } from "@ilgam/access";
import { createReads, type Database, findUsableApiKey, touchApiKey } from "@ilgam/db";
import { createFileStore, createUploadReceiver } from "@ilgam/jobs/files";
import type { KindRoutes, RouteDependencies } from "@ilgam/jobs/routes";
import { type Canceller, createCanceller, type Dispatcher, type Submitter } from "@ilgam/queue";
import type { Storage } from "@ilgam/storage";
import { type ApiEvent, type ApiMetrics, createApiMetrics, type Tracing } from "@ilgam/telemetry";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { createAdminSessions } from "./access/admin-sessions.ts";
import { createKeyUseNotes } from "./access/note-key-use.ts";
import { withSystemRefusal } from "./answers.ts";
import type { AppServices } from "./app-services.ts";
import { batchRoutes } from "./batches/routes.ts";
import { bullBoard } from "./board/routes.ts";
import type { ApiEnv } from "./env.ts";
import { fileRoutes } from "./files/routes.ts";
import { healthRoutes } from "./health/routes.ts";
import { createCancelService } from "./jobs/cancel-service.ts";
import { controlJobsByFilterRoutes } from "./jobs/control-by-filter-routes.ts";
import { controlJobRoutes } from "./jobs/control-routes.ts";
import { createJobViews } from "./jobs/job-views.ts";
import { readJobRoutes } from "./jobs/read-routes.ts";
import { createRetryService } from "./jobs/retry-service.ts";
import { submitJobRoutes } from "./jobs/submit-routes.ts";
import { keyRoutes } from "./keys/routes.ts";
import type { Kinds } from "./kinds/resolve-kinds.ts";
import { kindsRoute } from "./kinds/routes.ts";
import { metricsRoute } from "./metrics/routes.ts";
import { authentication } from "./plugins/authentication.ts";
import { answerFrameworkError, errors } from "./plugins/errors.ts";
import { jsonBody } from "./plugins/json-body.ts";
import { language } from "./plugins/language.ts";
import { observation, requestIdOf } from "./plugins/observation.ts";
import { collectOpenapi, serveOpenapi } from "./plugins/openapi.ts";
import { requestSpans } from "./plugins/request-spans.ts";
import { systemOf } from "./plugins/system-addresses.ts";
import { zodValidator } from "./plugins/zod-validator.ts";
import type { Providers } from "./providers/read-providers.ts";
import { providerRoutes } from "./providers/routes.ts";
import { queueBacklogRoute } from "./queues/backlog-routes.ts";
import { restartQueue } from "./queues/restart-queue.ts";
import { queueRoutes } from "./queues/routes.ts";
import { scheduleRoutes } from "./schedules/routes.ts";
import { type StatsOptions, statsRoute } from "./stats/routes.ts";
import { usageRoute } from "./stats/usage-routes.ts";
import { tenantRoutes } from "./tenants/routes.ts";
import { webhookRoutes } from "./webhooks/routes.ts";
import { workersRoute } from "./workers/routes.ts";

export type AppOptions = {
  env: ApiEnv;
  db: Database;
  dispatcher: Dispatcher;
  submitter: Submitter;
  kinds: Kinds;
  storage: Storage;
  /** The kinds' own routes; none by default. */
  kindRoutes?: readonly KindRoutes[];
  /** The raw environment, for the kinds' own settings. */
  rawEnv?: Record<string, string | undefined>;
  /** Silent by default. */
  log?: FastifyBaseLogger;
  metrics?: ApiMetrics;
  version?: string;
  /** Told what becomes of jobs here: for the log and the numbers. */
  onEvent?: (event: ApiEvent) => void;
  /** Default: none. */
  tracing?: Tracing | undefined;
  /** True once the process is asked to end: health checks then say so. */
  isDraining?: () => boolean;
  /** The outside services; default: nothing is known of any. */
  providers?: Providers;
  /** Default: of the providers. */
  readPaces?: StatsOptions["readPaces"];
};

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

/** The whole HTTP application, not listening yet; `inject` works. Closes nothing it was given. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { env, db, dispatcher, submitter, kinds, onEvent = () => undefined } = options;
  const metrics = options.metrics ?? createApiMetrics(options.version ?? "0.0.0");
  const reads = createReads(db.sql);
  const canceller = createCanceller({ db, dispatcher, onEvent });
  const { holdOf = () => undefined } = options.providers ?? {};
  const services: AppServices = {
    db,
    reads,
    dispatcher,
    submitter,
    kinds,
    keys: createKeyRing({ find: (id) => findUsableApiKey(db.sql, id) }),
    views: createJobViews({ reads, sql: db.sql, holdOf }),
    cancels: createCancelService(canceller),
    retries: createRetryService({ db, reads, dispatcher, onEvent }),
  };
  const app = createServer(options);
  if (options.tracing) await app.register(requestSpans, { tracing: options.tracing });
  await app.register(language);
  await app.register(observation, { metrics });
  await app.register(errors, { bodyLimitBytes: env.bodyLimitBytes });
  const sessions = sessionsOf(env);
  await app.register(fastifyCookie, { hook: false });
  await app.register(authentication, {
    ...{ env, sessions, keys: services.keys },
    onKeyUse: createKeyUseNotes(
      (id) => touchApiKey(db.sql, id),
      (error) => app.log.debug({ cause: String(error) }, "use of a key not noted"),
    ),
  });
  await app.register(jsonBody);
  await collectOpenapi(app, options.version ?? "0.0.0");
  await registerGeneric(app, services, options);
  const uploads = uploadsOf(options);
  await app.register(fileRoutes(uploads));
  await registerKinds(app, services, { ...uploads, canceller }, options);
  await app.register(metricsRoute(metrics));
  await app.register(bullBoard(dispatcher, sessions));
  await serveOpenapi(app);
  await app.ready();
  return app;
}

/** Stored files, and how they come in. */
function uploadsOf({ db, storage, env }: AppOptions) {
  const files = createFileStore({ sql: db.sql, storage });
  const maxBytes = env.uploadMaxBytes;
  return { files, receiveUpload: createUploadReceiver({ files, storage, maxBytes }) };
}

/** Logins exist where a key is asked for. */
function sessionsOf({ authMode, adminApiKey, adminSessionHours: hours }: ApiEnv) {
  if (authMode === "off" || adminApiKey === undefined) return undefined;
  return createAdminSessions({ adminApiKey, hours });
}

async function registerGeneric(
  app: FastifyInstance,
  services: AppServices,
  { env, isDraining = () => false, ...options }: AppOptions,
): Promise<void> {
  await app.register(healthRoutes(services, { isDraining }));
  await app.register(submitJobRoutes(services, { bodyLimitBytes: env.bodyLimitBytes }));
  await app.register(readJobRoutes(services));
  await app.register(controlJobRoutes(services));
  await app.register(controlJobsByFilterRoutes(services));
  await app.register(batchRoutes(services));
  await app.register(kindsRoute(services));
  await app.register(queueRoutes(services));
  await app.register(queueBacklogRoute(services));
  await app.register(workersRoute(services));
  await app.register(scheduleRoutes(services));
  await app.register(webhookRoutes(services));
  await app.register(keyRoutes(services));
  await app.register(tenantRoutes(services));
  const { checklist: limits, usageTimeZone } = env;
  const { providers, readPaces = providers?.paces } = options;
  await app.register(statsRoute(services, { readPaces, limits, usageTimeZone }));
  if (providers) await app.register(providerRoutes(providers));
  await app.register(usageRoute(services, { timeZone: usageTimeZone }));
}

async function registerKinds(
  app: FastifyInstance,
  { db, submitter, reads, retries, dispatcher }: AppServices,
  given: ReturnType<typeof uploadsOf> & { canceller: Canceller },
  { rawEnv = {}, kindRoutes = [], providers }: AppOptions,
): Promise<void> {
  const deps: RouteDependencies = {
    ...{ ...given, db, submitter, env: rawEnv },
    isHeld: (kind) => providers?.holdOf(kind, "ko") !== undefined,
    restartQueue: (name, how) => restartQueue({ db, dispatcher, log: app.log }, name, how),
    retryJobs: async (tenantId, ids) => retries.jobs(await reads.jobs.targets(tenantId, ids)),
  };
  await app.register(async (scope) => {
    await scope.register(fastifyMultipart);
    scope.addHook("onRoute", (route) => {
      route.config = { ...route.config, system: systemOf(route.url) };
      route.schema = withSystemRefusal(route.schema);
    });
    for (const routes of kindRoutes) {
      await scope.register(routes(deps));
    }
  });
}
