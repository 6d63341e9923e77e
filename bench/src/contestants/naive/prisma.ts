import { createPool, createPrisma } from "@ilgam/db";

/** Prisma over a pool of the usual size. */
export function openPrisma() {
  return createPrisma(createPool({ url: process.env.DATABASE_URL ?? "", size: 10 }));
}
