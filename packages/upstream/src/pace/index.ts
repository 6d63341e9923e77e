export { createPace } from "./create-pace.ts";
export { aiPaceKey, naverPaceKey } from "./keys.ts";
