import * as handlers from "./handler-list.ts";
import type { HandlerDependencies } from "./handling/handler-dependencies.ts";
import type { KindHandler } from "./handling/job-context.ts";

export type { HandlerDependencies } from "./handling/handler-dependencies.ts";
export type { JobContext, KindHandler } from "./handling/job-context.ts";

/** Every kind with its processor, by name. @throws Error when one of the kinds' settings is wrong */
export function createHandlers(deps: HandlerDependencies): KindHandler[] {
  return Object.values(handlers).map((handlerFor) => handlerFor(deps));
}
