import { Cluster, type ClusterOptions, Redis, type RedisOptions } from "ioredis";
import { forgetArguments } from "./redis-errors.ts";
import type { RedisSettings } from "./redis-settings.ts";
import { reconnectWhenSilent } from "./redis-silence.ts";
import { QuietSentinelConnector } from "./sentinel-connector.ts";

/** What everything in this package talks to Redis through. */
export type RedisConnection = Redis | Cluster;

/**
 * What a connection is for. `producer`: a request waits for it, so it fails within 200 ms.
 * `worker`: blocks for jobs and outlives any outage. `background`: the sweeper and settings.
 */
export type RedisRole = "producer" | "worker" | "background" | "subscriber";

type RoleOptions = Pick<
  RedisOptions,
  "maxRetriesPerRequest" | "commandTimeout" | "connectTimeout"
> & { enableOfflineQueue: boolean };

const failing = { enableOfflineQueue: false, maxRetriesPerRequest: 1 };
const waiting = { enableOfflineQueue: true, maxRetriesPerRequest: null, connectTimeout: 2_000 };

const optionsOf: Record<RedisRole, RoleOptions> = {
  producer: { ...failing, commandTimeout: 200, connectTimeout: 500 },
  worker: waiting,
  background: { ...failing, commandTimeout: 2_000, connectTimeout: 2_000 },
  subscriber: waiting,
};

const retryDelayMs = (times: number) => Math.min(1_000, 50 * 2 ** Math.min(times, 5));

/** A silent server is left without waiting for its goodbye. */
const everywhere = { keepAlive: 5_000, disconnectTimeout: 500 };

/** A connection that comes back by itself within 1 s of Redis's return. */
export function connectRedis(
  settings: RedisSettings,
  role: RedisRole,
  onError: (error: Error) => void = () => undefined,
): RedisConnection {
  const redis = open(settings, role);
  redis.on("error", (error: Error) => onError(forgetArguments(error)));
  return redis;
}

function open(settings: RedisSettings, role: RedisRole): RedisConnection {
  if (settings.mode === "cluster") {
    return role === "subscriber" ? openNode(settings) : openCluster(settings, role);
  }
  const options = { ...optionsOf[role], ...everywhere, retryStrategy: retryDelayMs };
  const redis =
    settings.mode === "single"
      ? new Redis(settings.url, options)
      : new Redis({ ...options, ...sentinelOptions(settings) });
  reconnectWhenSilent(redis);
  return redis;
}

/** After a failover the old master may live on as a replica: whoever is on it has to leave. */
function isOnReplica(error: Error): boolean {
  return /\b(READONLY|UNBLOCKED)\b/.test(error.message);
}

function sentinelOptions(settings: Extract<RedisSettings, { mode: "sentinel" }>): RedisOptions {
  const { sentinels, master, db, username, password, tls, sentinel } = settings;
  return {
    Connector: QuietSentinelConnector,
    sentinels,
    name: master,
    ...{ db, username, password, sentinelUsername: sentinel.username },
    sentinelPassword: sentinel.password,
    ...(tls && { tls: {}, enableTLSForSentinelMode: true }),
    ...(sentinel.tls && { sentinelTLS: {} }),
    sentinelCommandTimeout: 500,
    sentinelRetryStrategy: retryDelayMs,
    // Told by the Sentinels, a client leaves a master that is frozen or cut off.
    failoverDetector: true,
    sentinelReconnectStrategy: () => 5_000,
    reconnectOnError: isOnReplica,
  };
}

/** Redirections and retries of one command: of a worker's without end. */
const redirections = { failing: 3, waiting: Number.MAX_SAFE_INTEGER };

type ClusterSettings = Extract<RedisSettings, { mode: "cluster" }>;

function openCluster(settings: ClusterSettings, role: RedisRole): Cluster {
  const { enableOfflineQueue, ...own } = optionsOf[role];
  const { username, password, tls } = settings;
  const options: ClusterOptions = {
    enableOfflineQueue,
    clusterRetryStrategy: retryDelayMs,
    maxRedirections: enableOfflineQueue ? redirections.waiting : redirections.failing,
    retryDelayOnFailover: enableOfflineQueue ? 200 : 20,
    retryDelayOnClusterDown: enableOfflineQueue ? 200 : 0,
    slotsRefreshTimeout: 1_000,
    slotsRefreshInterval: 5_000,
    redisOptions: { ...own, ...everywhere, username, password, ...(tls && { tls: {} }) },
    // A certificate names hosts, not the addresses that they have.
    ...(tls && { dnsLookup: (host, callback) => callback(null, host) }),
  };
  const cluster = new Cluster(settings.nodes, options);
  cluster.on("+node", (node: Redis) => reconnectWhenSilent(node));
  return cluster;
}

/**
 * A connection to one node of a Cluster, to the next one when it is lost: what is published reaches
 * them all. A Cluster client's own subscriber tries again without a pause while all nodes are away,
 * and does not see that a connection has gone silent.
 */
function openNode(settings: ClusterSettings): Redis {
  const { nodes, username, password, tls } = settings;
  let tried = 0;
  const redis: Redis = new Redis({
    ...nodes[0],
    ...optionsOf.subscriber,
    ...everywhere,
    ...{ username, password, ...(tls && { tls: {} }) },
    retryStrategy: (times) => {
      tried += 1;
      Object.assign(redis.options, nodes[tried % nodes.length]);
      return retryDelayMs(times);
    },
  });
  reconnectWhenSilent(redis);
  return redis;
}
