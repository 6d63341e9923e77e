import { ApiError } from "@ilgam/contracts";
import { answered, type Database, newId, prismaOf } from "@ilgam/db";
import type { NewPassageSet } from "./schemas.ts";

export type PassageSet = Required<NewPassageSet> & { questionCount: number; createdAt: Date };

type Pool = Database["sql"];

const columns = {
  ...{ id: true, title: true, passageContent: true, passageComment: true },
  ...{ subject: true, level: true, questionCount: true, createdAt: true },
} as const;

/** @throws ApiError set_exists */
export async function createSet(
  pool: Pool,
  tenantId: string,
  { id = newId(), ...set }: NewPassageSet,
): Promise<PassageSet> {
  const data = [{ tenantId, id, ...set }];
  const [created] = await answered(
    prismaOf(pool).passageSet.createManyAndReturn({ data, skipDuplicates: true, select: columns }),
  );
  if (!created) throw new ApiError("set_exists", { values: { id } });
  return created;
}

/** @throws ApiError set_not_found */
export async function readSet(pool: Pool, tenantId: string, id: string): Promise<PassageSet> {
  const where = { tenantId_id: { tenantId, id } };
  const set = await answered(prismaOf(pool).passageSet.findUnique({ where, select: columns }));
  if (!set) throw new ApiError("set_not_found");
  return set;
}

/** A tenant's sets, newest first: a page, or without a limit all; `nextCursor` is the id to go on after. */
export async function listSets(
  pool: Pool,
  tenantId: string,
  { limit, cursor }: { limit?: number | undefined; cursor?: string | undefined },
): Promise<{ sets: PassageSet[]; nextCursor: string | null }> {
  const rows = await answered(
    prismaOf(pool).passageSet.findMany({
      where: { tenantId },
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      select: columns,
      ...(limit === undefined ? {} : { take: limit + 1 }),
      ...(cursor === undefined
        ? {}
        : { cursor: { tenantId_id: { tenantId, id: cursor } }, skip: 1 }),
    }),
  );
  const sets = rows.slice(0, limit);
  return { sets, nextCursor: rows.length > sets.length ? (sets.at(-1)?.id ?? null) : null };
}
