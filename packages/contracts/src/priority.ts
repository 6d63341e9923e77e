import { z } from "zod";

export const Priority = z.enum(["high", "normal", "low"]).meta({ id: "Priority" });
export type Priority = z.infer<typeof Priority>;

/**
 * Head start of a class in seconds of virtual time: a normal job is served as if it had come 60 s,
 * a low one 600 s later than it did. A fixed offset, unlike strict classes, never starves anybody.
 */
export const priorityOffsetSeconds: Record<Priority, number> = { high: 0, normal: 60, low: 600 };
