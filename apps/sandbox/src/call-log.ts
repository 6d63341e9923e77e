import type { RequestTarget } from "./request-target.ts";

/** One upstream call, as the receiver saw it. */
export type Call = RequestTarget & {
  /** Counts from 1 since the start; survives clearing. */
  seq: number;
  /** Epoch milliseconds with fractions. */
  receivedAt: number;
  method: string;
  /** `job_id:run:epoch` when the caller sent `Idempotency-Key`. */
  idempotencyKey: string | null;
  /** The answer's status; null while none is complete (hung, slow or cut). */
  status: number | null;
  /** The scripted fault that hit it. */
  fault: string | null;
  /** When the caller closed the connection before its answer; epoch milliseconds with fractions. */
  abortedAt: number | null;
  /** Tokens that a model's answer is said to have used. */
  tokens: number | null;
};

const nothingYet = { status: null, fault: null, abortedAt: null, tokens: null };

export type CallLog = ReturnType<typeof createCallLog>;

/** A log of at most `maxCalls` calls; `request` is any object that stands for one request. */
export function createCallLog(maxCalls: number) {
  let calls: Call[] = [];
  let lastSeq = 0;
  let dropped = 0;
  const open = new WeakMap<object, Call>();

  return {
    received(
      request: object,
      seen: Pick<Call, keyof RequestTarget | "receivedAt" | "method" | "idempotencyKey">,
    ): void {
      lastSeq += 1;
      const call: Call = { seq: lastSeq, ...seen, ...nothingYet };
      open.set(request, call);
      calls.push(call);
      // Cut in blocks: a shift per call would move the whole array every time.
      if (calls.length >= maxCalls * 1.1) {
        const excess = calls.length - maxCalls;
        calls = calls.slice(excess);
        dropped += excess;
      }
    },
    answered(request: object, status: number): void {
      const call = open.get(request);
      if (call && call.fault !== "cut") call.status = status;
    },
    /** The connection was closed before the answer was complete. */
    closed(request: object, at: number): void {
      const call = open.get(request);
      if (call && call.fault !== "cut") call.abortedAt = at;
    },
    used(request: object, tokens: number): void {
      const call = open.get(request);
      if (call) call.tokens = tokens;
    },
    faulted(request: object, fault: string): void {
      const call = open.get(request);
      if (call) call.fault = fault;
    },
    /** Calls with a sequence number above `seq`, oldest first. */
    since(seq: number): { calls: Call[]; lastSeq: number; dropped: number } {
      const kept = calls.slice(-maxCalls);
      const left = dropped + calls.length - kept.length;
      return { calls: kept.filter((call) => call.seq > seq), lastSeq, dropped: left };
    },
    clear(): void {
      calls = [];
      dropped = 0;
    },
  };
}
