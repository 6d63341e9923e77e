import type { HandlerDependencies } from "./handler-dependencies.ts";
import * as handlers from "./handler-list.ts";
import type { KindHandler } from "./job-context.ts";

export type { HandlerDependencies } from "./handler-dependencies.ts";
export type { JobContext, KindHandler } from "./job-context.ts";

/** Every kind with its processor, by name. @throws Error when one of the kinds' settings is wrong */
export function createHandlers(deps: HandlerDependencies): KindHandler[] {
  return Object.values(handlers).map((handlerFor) => handlerFor(deps));
}
