export { buildApp } from "./app.ts";
export type { AppOptions } from "./app-options.ts";
export { type ApiEnv, readApiEnv } from "./env.ts";
export { type Kinds, resolveKinds } from "./kinds/resolve-kinds.ts";
export { runApi } from "./startup/run-api.ts";
export { type RunningApi, type StartApiOptions, startApi } from "./startup/start-api.ts";
