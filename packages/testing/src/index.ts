export { freePort } from "@ilgam/local-services";
export { atFileEnd } from "./file-end.ts";
export { type OwnService, startOwnPostgres, startOwnRedis } from "./own-services.ts";
export { type StartedProcess, startProcess } from "./start-process.ts";
export { temporaryDirectory } from "./temporary-directory.ts";
export { createTestDatabase, type TestDatabase } from "./test-database.ts";
export { createTestRedis, type TestRedis } from "./test-redis.ts";
export { waitFor } from "./wait-for.ts";
