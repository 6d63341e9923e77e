/** Thrown by a processor: the work can never succeed, so do not try again. */
export class GiveUp extends Error {
  readonly code: string;
  /** @param message short sentence that is safe to show to the client. */
  constructor(message: string, options: { code?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = "GiveUp";
    this.code = options.code ?? "gave_up";
  }
}

/** Thrown by a processor: not now. The attempt is given back and the job waits `delayMs`. */
export class TryLater extends Error {
  readonly code: string;
  readonly delayMs: number;
  /**
   * @param why shown to the client as the reason in `waitingOn`.
   * @param options.code the reason as one of few words, for the numbers. Default `later`.
   */
  constructor(delayMs: number, why: string, options: { code?: string; cause?: unknown } = {}) {
    super(why, { cause: options.cause });
    this.name = "TryLater";
    this.code = options.code ?? "later";
    this.delayMs = Math.max(0, Math.ceil(delayMs));
  }
}

/**
 * Thrown by a processor: a service that the job needs is away. As TryLater, but the wait is limited by
 * its length (`HOLD_MAX_HOURS`), not by how often the job comes back.
 */
export class Held extends TryLater {
  /** Which service, as `GET /v1/providers` names it. */
  readonly provider: string;
  constructor(delayMs: number, why: string, options: { provider: string; cause?: unknown }) {
    super(delayMs, why, { code: "provider_unavailable", cause: options.cause });
    this.name = "Held";
    this.provider = options.provider;
  }
}

/**
 * A failure that may be retried and whose message may be shown to the client. Any other error
 * is retried too, but the client reads only a general sentence; its text goes to the log.
 */
export class RetryableError extends Error {
  readonly code: string;
  /** Wait before the next try instead of the kind's back-off, milliseconds. */
  readonly delayMs: number | undefined;
  constructor(message: string, options: { code: string; delayMs?: number; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = "RetryableError";
    this.code = options.code;
    this.delayMs = options.delayMs;
  }
}

/** Why the engine aborts a processor's signal. */
export type AbortReason = "timeout" | "cancelled" | "drain" | "lease_lost";

/** The reason of every abort the engine makes: `signal.reason instanceof Aborted`. */
export class Aborted extends Error {
  readonly why: AbortReason;
  constructor(why: AbortReason) {
    super(`aborted: ${why}`);
    this.name = "Aborted";
    this.why = why;
  }
}
