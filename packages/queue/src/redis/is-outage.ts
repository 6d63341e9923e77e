import { isUnavailable } from "@ilgam/db";
import { isRedisOutage } from "./redis-errors.ts";

/** True for errors that a sweeper outlives quietly: Postgres or Redis are away. */
export function isOutage(error: unknown): boolean {
  return isUnavailable(error) || isRedisOutage(error);
}
