import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "../generated/client.ts";
import type { Pool } from "./pool.ts";
import { isUnavailable, Unavailable } from "./sql.ts";

export type Prisma = PrismaClient;

/** Prisma over the pool's own connections; closing the pool is all that ends it. */
export function createPrisma(pool: Pool): Prisma {
  return new PrismaClient({ adapter: new PrismaPg(pool.native) });
}

const clients = new WeakMap<Pool, Prisma>();

/** The pool's Prisma, made when it is first asked for. */
export function prismaOf(pool: Pool): Prisma {
  const known = clients.get(pool) ?? createPrisma(pool);
  clients.set(pool, known);
  return known;
}

/** Prisma's codes for "cannot connect", "timed out", "closed" and "no connection free". */
const unavailableCodes = new Set(["P1000", "P1001", "P1002", "P1008", "P1011", "P1017", "P2024"]);

/** The chain of what Prisma wraps: its own error, the adapter's, the driver's. */
function* causesOf(error: unknown, depth = 0): Generator<unknown> {
  if (error === null || typeof error !== "object" || depth > 5) return;
  yield error;
  for (const key of ["cause", "meta", "driverAdapterError"]) {
    yield* causesOf((error as Record<string, unknown>)[key], depth + 1);
  }
}

function saysUnavailable(cause: unknown): boolean {
  if (isUnavailable(cause)) return true;
  const { code, originalCode, originalMessage } = cause as Record<string, unknown>;
  if (typeof code === "string" && unavailableCodes.has(code)) return true;
  const asDriver = Object.assign(new Error(String(originalMessage ?? "")), {
    code: typeof originalCode === "string" ? originalCode : "",
  });
  return isUnavailable(asDriver);
}

/** @throws Unavailable in the place of Prisma's many errors for a Postgres that is away. */
export async function answered<T>(query: PromiseLike<T>): Promise<T> {
  try {
    return await query;
  } catch (error) {
    for (const cause of causesOf(error)) {
      if (saysUnavailable(cause)) throw new Unavailable(error);
    }
    throw error;
  }
}
