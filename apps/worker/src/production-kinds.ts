import { countConsumingWorkers, type Sql } from "@ilgam/db";
import { createFileStore } from "@ilgam/jobs/files";
import { createHandlers } from "@ilgam/jobs/processors";
import { connectRedis, RedisEnv } from "@ilgam/queue";
import { createStorage, readStorageSettings } from "@ilgam/storage";
import {
  type AiClientOptions,
  AiEnv,
  aiOptionsOf,
  type CallObserver,
  createAiClient,
  createDataSource,
  createEmbedder,
  createNaverSearch,
  createPace,
  createWebhookSender,
  DataEnv,
  dataOptionsOf,
  embedderOptionsOf,
  type HealthEvent,
} from "@ilgam/upstream";
import { z } from "zod";
import { readEnv } from "./env.ts";
import { providerHolds } from "./provider-holds.ts";
import { watchStorage } from "./watch-storage.ts";

const UpstreamEnv = z.object({
  NAVER_BASE_URL: z.url({ protocol: /^https?$/ }).default("https://openapi.naver.com"),
  NAVER_CLIENT_ID: z.string().min(1),
  NAVER_CLIENT_SECRET: z.string().min(1),
  NAVER_PROVIDER: z.enum(["naver", "sandbox"]).default("naver"),
  NAVER_INTERVAL_MS: z.coerce.number().min(0).default(100),
  NAVER_DAILY_QUOTA: z.coerce.number().int().min(1).default(25_000),
});

const WebhookEnv = z.object({
  /** 1: callbacks may go to private and loopback addresses. */
  WEBHOOK_ALLOW_PRIVATE: z
    .enum(["0", "1"])
    .default("0")
    .transform((flag) => flag === "1"),
  WEBHOOK_TIMEOUT_MS: z.coerce.number().int().min(100).max(25_000).default(15_000),
});

/** Processes that start together learn of each other before their first calls are twice as many. */
const countWorkersEveryMs = { first: 250, later: 2_000 };
const firstCountsMs = 10_000;

/**
 * Every kind with the clients that it calls.
 * @throws Error with one line for each setting that is missing or wrong.
 */
export function productionKinds({
  sql,
  env,
  calls,
  onAdapted,
  onHealth,
}: {
  sql: Sql;
  env: Record<string, string | undefined>;
  calls: CallObserver;
  onAdapted: NonNullable<AiClientOptions["onAdapted"]>;
  onHealth: (event: HealthEvent) => void;
}) {
  const settings = readEnv(UpstreamEnv.and(RedisEnv).and(AiEnv).and(DataEnv).and(WebhookEnv), env);
  // The pace goes on by itself while Redis is away; the worker's own connections tell the log.
  const redis = connectRedis(settings.redis, "producer");
  let liveWorkers = 1;
  const count = () => {
    countConsumingWorkers(sql).then(
      (workers) => {
        liveWorkers = Math.max(1, workers);
      },
      // Postgres away: the last number known is the best there is.
      () => undefined,
    );
  };
  count();
  let recount = setInterval(count, countWorkersEveryMs.first);
  const countLess = setTimeout(() => {
    clearInterval(recount);
    recount = setInterval(count, countWorkersEveryMs.later);
  }, firstCountsMs);
  const pace = createPace({ redis, liveWorkers: () => liveWorkers, onHealth });
  const storage = watchStorage(createStorage(readStorageSettings(env)), pace.health);
  const files = createFileStore({ sql, storage });
  const ai = createAiClient({ ...aiOptionsOf(settings), ...calls, pace, onAdapted });
  const dataOptions = dataOptionsOf(settings);
  const aiData = dataOptions && createDataSource({ ...dataOptions, ...calls, pace });
  const naver = createNaverSearch({
    baseUrl: settings.NAVER_BASE_URL,
    clientId: settings.NAVER_CLIENT_ID,
    clientSecret: settings.NAVER_CLIENT_SECRET,
    provider: settings.NAVER_PROVIDER,
    ...calls,
    pace,
    policy: {
      intervalMs: settings.NAVER_INTERVAL_MS,
      dailyQuota: settings.NAVER_DAILY_QUOTA,
    },
  });
  const embedder = createEmbedder({ ...embedderOptionsOf(settings), ...calls, pace });
  const webhooks = createWebhookSender({
    ...calls,
    allowPrivate: settings.WEBHOOK_ALLOW_PRIVATE,
    timeoutMs: settings.WEBHOOK_TIMEOUT_MS,
  });
  const kinds = createHandlers({ sql, naver, ai, aiData, embedder, webhooks, files, storage, env });
  return {
    kinds,
    holds: providerHolds(
      pace.health,
      kinds.map(({ definition }) => definition),
    ),
    check: storage.check,
    close: async () => {
      clearTimeout(countLess);
      clearInterval(recount);
      pace.health.close();
      const clients = [naver, ai, embedder, webhooks, ...(aiData ? [aiData] : [])];
      await Promise.all(clients.map((client) => client.close()));
      redis.disconnect();
      storage.close();
    },
  };
}
