import { GiveUp } from "@ilgam/contracts";
import type { Pace } from "../pace/create-pace.ts";
import type { Admission, PacePolicy } from "../pace/policy.ts";
import type { ReserveOptions } from "../pace/reserve.ts";
import { UpstreamError } from "../upstream-error.ts";

export type ProviderCall = ReserveOptions & {
  pace: Pace;
  key: string;
  policy: PacePolicy;
  /** `job_id:run:epoch` with whatever follows: tells whose call it is. */
  idempotencyKey?: string | undefined;
};

/**
 * Makes one call at the pace's next slot and tells the provider's health how it ended. Throws what
 * `Pace.reserve` throws, Held when the call failed by the fault of the service or the operator, and
 * otherwise the call's own error.
 */
export async function callProvider<T>(
  { pace, key, policy, idempotencyKey, ...wanted }: ProviderCall,
  call: (admission: Admission) => Promise<T>,
): Promise<T> {
  const { health } = pace;
  const admission = await pace.reserve(key, policy, wanted);
  const about = { caller: callerOf(idempotencyKey), beganUs: health.nowUs() };
  try {
    const result = await call(admission);
    if (!wanted.probe) health.succeeded(key, about);
    return result;
  } catch (error) {
    if (wanted.probe) throw error;
    // The service is there: it refused this one input.
    const isRefused = error instanceof UpstreamError && error.fault === "job";
    if (isRefused || error instanceof GiveUp) health.succeeded(key, about);
    throw await health.judge(key, about, error);
  } finally {
    // For calls that know of no tokens; those that do have settled.
    await admission.settle();
  }
}

/**
 * What to throw for an answer that turned out, once it was read, to be a failure of the service after
 * all. Other errors stay as they are.
 */
export function judgeAnswered(
  { pace, key, idempotencyKey }: Pick<ProviderCall, "pace" | "key" | "idempotencyKey">,
  error: unknown,
): Promise<unknown> {
  const { health } = pace;
  return health.judge(key, { caller: callerOf(idempotencyKey), beganUs: health.nowUs() }, error);
}

/** One job's run: all its calls, of all its attempts, are the same caller's. */
function callerOf(idempotencyKey = ""): string {
  const [job = "", run = ""] = idempotencyKey.split(":");
  return run === "" ? job : `${job}:${run}`;
}
