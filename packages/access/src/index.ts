export { bearerOf } from "./bearer.ts";
export { createKeyRing, type KeyHolder, type KeyRing } from "./key-ring.ts";
export { newKey } from "./key-text.ts";
export { isLoopback, isLoopbackHostHeader } from "./loopback.ts";
export { isSameKey } from "./same-key.ts";
