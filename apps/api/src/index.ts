export { type AppOptions, buildApp } from "./app.ts";
export { type ApiEnv, readApiEnv } from "./env.ts";
export { type Kinds, resolveKinds } from "./kinds.ts";
export { runApi } from "./run-api.ts";
export { type RunningApi, type StartApiOptions, startApi } from "./start-api.ts";
