import { ApiError } from "@ilgam/contracts";
import type { FastifyReply } from "fastify";

/** Aborts when the client has gone (or the answer is out, when nobody listens any more). */
export function untilGone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once("close", () => controller.abort(new ApiError("upstream_busy")));
  return controller.signal;
}
