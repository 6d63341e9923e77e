import { documentTypes, imageTypes } from "@ilgam/parsing";
import type { StoredFile } from "../uploads/file-store.ts";

/** Media types that are taken in. */
export const acceptedTypes: readonly string[] = [
  ...documentTypes,
  ...["image/png", "image/jpeg", "image/tiff", "image/avif"],
];

export function isImage({ mediaType }: Pick<StoredFile, "mediaType">): boolean {
  return imageTypes.some((type) => type === mediaType);
}
