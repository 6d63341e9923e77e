export { DataDirInUse, type DataDirLock, lockDataDir } from "./data-dir-lock.ts";
export { endWithParent } from "./end-with-parent.ts";
export {
  type FoundRedis,
  findRedis,
  NoRedis,
  type RedisLadder,
  type RedisMachine,
} from "./find-redis.ts";
export { freePort, isPortFree } from "./free-port.ts";
export {
  type LocalPostgres,
  type PostgresOptions,
  type PostgresStop,
  startPostgres,
} from "./postgres.ts";
export { redisCommands } from "./redis-command.ts";
export { probeRedis, type RedisProbe } from "./redis-probe.ts";
export {
  findRedisProgram,
  type LocalRedis,
  type RedisServerOptions,
  startRedis,
  startSentinel,
} from "./redis-server.ts";
export type { Exit } from "./service-process.ts";
