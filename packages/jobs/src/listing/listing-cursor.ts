import { ApiError, type Language, message } from "@ilgam/contracts";

/** Where a page of a listing ended: the next one holds what is older. */
export type ListingPosition = {
  /** Epoch milliseconds. */
  createdAt: number;
  id: string;
};

/** The opaque text of a row's place. */
export function cursorOf({ createdAt, id }: ListingPosition): string {
  return Buffer.from(`${createdAt} ${id}`).toString("base64url");
}

const position = /^(\d{1,15}) ([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/**
 * The place that a cursor of ours names; undefined without one.
 * @throws ApiError invalid_field for any other text
 */
export function positionOf(
  cursor: string | undefined,
  language: Language,
): ListingPosition | undefined {
  if (cursor === undefined) return undefined;
  const text = Buffer.from(cursor, "base64url").toString("latin1");
  const [, createdAt, id] = position.exec(text) ?? [];
  if (createdAt && id && Number(createdAt) <= 8.64e15) return { createdAt: Number(createdAt), id };
  const problem = message("cursor_unknown", language);
  throw new ApiError("invalid_field", { details: [{ path: "cursor", problem }] });
}
