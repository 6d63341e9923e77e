export { createPace } from "./create-pace.ts";
export { naverPaceKey } from "./keys.ts";
