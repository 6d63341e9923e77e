export { createPace } from "./create-pace.ts";
export { aiPaceKey, embeddingPaceKey, naverPaceKey } from "./keys.ts";
