import { v7 } from "uuid";

/** A time-ordered id, made here because Postgres 15 cannot. */
export function newId(): string {
  return v7();
}
