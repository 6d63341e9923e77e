import { TryLater } from "@ilgam/contracts";
import { UpstreamError } from "./upstream-error.ts";

/** One outbound call that has ended, for whoever counts them. The wait for the pace is not in it. */
export type UpstreamCall = {
  /** Who was called, such as `naver`. */
  service: string;
  /** What was asked of it, such as `search`: few words, never a parameter. */
  operation: string;
  /** `throttled`: told to slow down; `aborted`: by the caller, whose job was stopped. */
  outcome: "ok" | "throttled" | "error" | "timeout" | "aborted";
  /** HTTP status; absent when no answer came. */
  status?: number;
  /** From sending to the answer's last byte, or to the end without one. */
  ms: number;
};

/** Told of each call when it has ended, in the asynchronous context of the caller. Never throws. */
export type OnCall = (call: UpstreamCall) => void;

/**
 * Makes one call and tells `onCall` how it ended. `call` reports the answer's status as soon as the
 * last byte is there, so that what is made of the answer is not measured.
 */
export async function observeCall<T>(
  about: Pick<UpstreamCall, "service" | "operation"> & { signal?: AbortSignal | undefined },
  onCall: OnCall | undefined,
  call: (answered: (status: number) => void) => Promise<T>,
): Promise<T> {
  const since = performance.now();
  const { service, operation, signal } = about;
  let answer: Pick<UpstreamCall, "status" | "ms"> | undefined;
  const tell = (outcome: UpstreamCall["outcome"]) =>
    onCall?.({ service, operation, outcome, ms: performance.now() - since, ...answer });
  const answered = (status: number) => {
    answer = { status, ms: performance.now() - since };
  };
  const result = await call(answered).catch((error: unknown) => {
    tell(outcomeOf(error, signal));
    throw error;
  });
  tell("ok");
  return result;
}

function outcomeOf(error: unknown, signal: AbortSignal | undefined): UpstreamCall["outcome"] {
  if (signal?.aborted && error === signal.reason) return "aborted";
  if (error instanceof TryLater) return "throttled";
  return error instanceof UpstreamError && error.code === "timeout" ? "timeout" : "error";
}
