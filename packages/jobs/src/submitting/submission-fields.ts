import { CallbackUrl } from "@ilgam/contracts";
import { z } from "zod";

/** What every system's submissions may say besides their own, by both spellings in use. */
export const submissionFields = {
  callback_url: CallbackUrl.optional(),
  callbackUrl: CallbackUrl.optional(),
  /** Not to be started before. */
  runAt: z.iso.datetime({ offset: true }).optional(),
};
