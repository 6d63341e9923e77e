import { z } from "zod";
import { sentence } from "../sentences.ts";
import { UpstreamError } from "../upstream-error.ts";

const Result = z.object({ total: z.int().min(0) });
const Failure = z.object({ errorCode: z.string(), errorMessage: z.string().optional() });

/** `total` of a search result. Throws UpstreamError `malformed` when there is none. */
export function readCount(text: string): number {
  try {
    return Result.parse(JSON.parse(text)).total;
  } catch (error) {
    throw new UpstreamError("malformed", sentence("malformed"), { cause: error });
  }
}

/** Naver's error code in an error body, such as `012`; undefined when the body holds none. */
export function readErrorCode(text: string): string | undefined {
  try {
    return Failure.safeParse(JSON.parse(text)).data?.errorCode;
  } catch {
    // Proxies in between answer in HTML; the status alone decides then.
    return undefined;
  }
}
