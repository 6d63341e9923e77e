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
 * Runs one call with the headers to send along, and answers what it answers. For traces; `onCall` is
 * told inside of it.
 */
export type AroundCall = <T>(
  about: Pick<UpstreamCall, "service" | "operation">,
  call: (headers: Record<string, string>) => Promise<T>,
) => Promise<T>;

/** Who watches the calls of a client; default nobody. */
export type CallObserver = { onCall?: OnCall | undefined; aroundCall?: AroundCall | undefined };

type Asked = Pick<UpstreamCall, "service" | "operation"> & { signal?: AbortSignal | undefined };

/** What a call is given: where to report the answer's status, and headers to send along. */
type CallParts = { answered: (status: number) => void; headers: Record<string, string> };

/**
 * Makes one call and tells `onCall` how it ended. `call` reports the answer's status as soon as the
 * last byte is there, so that what is made of the answer is not measured.
 */
export function observeCall<T>(
  asked: Asked,
  { onCall, aroundCall }: CallObserver,
  call: (parts: CallParts) => Promise<T>,
): Promise<T> {
  if (!aroundCall) return timeCall(asked, onCall, (answered) => call({ answered, headers: {} }));
  return aroundCall(asked, (headers) =>
    timeCall(asked, onCall, (answered) => call({ answered, headers })),
  );
}

async function timeCall<T>(
  { service, operation, signal }: Asked,
  onCall: OnCall | undefined,
  call: (answered: (status: number) => void) => Promise<T>,
): Promise<T> {
  const since = performance.now();
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
