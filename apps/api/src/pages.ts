import { ApiError } from "@ilgam/contracts";
import type { Keyset } from "@ilgam/db";
import { z } from "zod";

/** `limit` and `cursor` of every listing. */
export const PageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
};

const Cursor = z.tuple([z.int(), z.uuid()]);

/** The opaque text of a row's place. */
export function encodeCursor(row: Keyset): string {
  return Buffer.from(JSON.stringify([row.createdAt.getTime(), row.id])).toString("base64url");
}

/** The place behind which the page begins. @throws ApiError invalid_field */
export function decodeCursor(cursor: string | undefined): Keyset | undefined {
  if (cursor === undefined) return undefined;
  const parsed = Cursor.safeParse(parseJson(Buffer.from(cursor, "base64url").toString()));
  if (!parsed.success) throw badCursor();
  const [createdAt, id] = parsed.data;
  return { createdAt: new Date(createdAt), id };
}

export function badCursor(): ApiError {
  return new ApiError("invalid_field", {
    details: [{ path: "cursor", problem: "is not a cursor that this listing gave" }],
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is simply no cursor: the schema refuses undefined.
    return undefined;
  }
}

/** The rows of a page, read with one row more than `limit`, and where the next one begins. */
export function pageOf<Row>(
  rows: Row[],
  limit: number,
  keyOf: (row: Row) => Keyset,
): { rows: Row[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { rows: shown, nextCursor: hasMore ? encodeCursor(keyOf(last)) : null };
}
