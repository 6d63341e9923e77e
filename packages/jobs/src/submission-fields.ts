import { z } from "zod";

// Normalised, because an address may hold characters that Postgres cannot store.
const CallbackUrl = z.url({ protocol: /^https?$/, normalize: true }).max(2_000);

/** What every system's submissions may say besides their own, by both spellings in use. */
export const submissionFields = {
  callback_url: CallbackUrl.optional(),
  callbackUrl: CallbackUrl.optional(),
  /** Not to be started before. */
  runAt: z.iso.datetime({ offset: true }).optional(),
};
