import { ApiError, type Language, message } from "@ilgam/contracts";
import { checkImage, imageTypes, UnreadableImage } from "@ilgam/parsing";
import type { UploadRules } from "../../uploads/receive-upload.ts";
import { createTurns } from "../../uploads/turns.ts";

/** Looked at once: each may keep a core busy for a second, and others want an answer meanwhile. */
const mostAtOnce = 2;

/**
 * For `receiveUpload`: refuses a picture that is not whole or too large, so that its sender hears of
 * it at once. What is no picture passes.
 */
export function createPictureCheck(maxPixels: number) {
  const takeTurn = createTurns(mostAtOnce);
  return (language: Language): NonNullable<UploadRules["check"]> =>
    async ({ path, mediaType }) => {
      if (!imageTypes.some((type) => type === mediaType)) return;
      await takeTurn(() => checkImage(path, maxPixels)).catch((error: unknown) => {
        throw error instanceof UnreadableImage ? refusalOf(error, maxPixels, language) : error;
      });
    };
}

function refusalOf(cause: UnreadableImage, limit: number, language: Language): ApiError {
  const isTooLarge = cause.problem === "too_many_pixels";
  const key = isTooLarge ? "image_too_many_pixels" : "image_corrupt";
  const problem = message(key, language, { limit });
  return new ApiError("invalid_field", { details: [{ path: "file", problem }], cause });
}
