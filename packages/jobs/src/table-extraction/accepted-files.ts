import { imageTypes } from "@ilgam/parsing";

/** What can be read for tables, by content. */
export const acceptedFiles: readonly string[] = [...imageTypes, "application/pdf"];
