export { allowedModels, isAllowedModel } from "../ai/allowed-models.ts";
export type { Health } from "../health/create-health.ts";
export type { HealthState } from "../health/health-state.ts";
export { whyHeld } from "../health/held-by.ts";
export { createPace } from "./create-pace.ts";
export { aiPaceKey, dataPaceKey, embeddingPaceKey, naverPaceKey, storagePaceKey } from "./keys.ts";
