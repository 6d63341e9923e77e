import { APIError } from "openai";
import type { Pace } from "../pace/create-pace.ts";
import { sentence } from "../sentences.ts";
import { brokenCall, createAiRefusal } from "./ai-failure.ts";
import { ErrorInBody } from "./error-in-body.ts";
import { exhaustedForMs } from "./rate-limit-headers.ts";

export type ServiceCall = {
  model: string;
  /** Sends the request by the SDK. */
  send(options: { signal: AbortSignal; headers: Record<string, string> }): {
    asResponse(): Promise<Response>;
  };
  signal: AbortSignal | undefined;
  idempotencyKey: string | undefined;
  /** Of whoever watches, to be sent along. */
  headers: Record<string, string>;
  /** Longest time from sending to the last byte, milliseconds. */
  timeoutMs: number;
};

/** An answer with status 200. */
export type Answered<Body> = {
  body: Body;
  isSandbox: boolean;
  /** From sending to the last byte, milliseconds. */
  ms: number;
};

/** What is known of a call besides its result, also when it has none. */
export type Outcome = {
  /** By the service's count; 0 when it refused the call; absent when nobody knows. */
  usedTokens?: number;
  refusal?: APIError;
};

/** Reads an answer's body, and how many tokens the service says it cost. */
export type ReadBody<Body> = (text: string) => { body: Body; usedTokens: number | undefined };

/**
 * One HTTP call. It throws what the engine should do, writes down what the call cost into `outcome`,
 * reports the status to `answered`, and closes the pace's key when the service says that it is full.
 */
export function createCallService({ pace, paceKey }: { pace: Pace; paceKey: string }) {
  const refusalOf = createAiRefusal({ pace, paceKey });

  async function failureOf(error: unknown, call: ServiceCall, timedOut: boolean, outcome: Outcome) {
    call.signal?.throwIfAborted();
    if (timedOut) return brokenCall(error, call.timeoutMs);
    if (!isRefusal(error)) return brokenCall(error, undefined);
    outcome.refusal = error;
    if (error.status < 500) outcome.usedTokens = 0;
    return refusalOf(error, call.model);
  }

  async function receive(
    { send, signal, idempotencyKey, headers }: ServiceCall,
    deadline: AbortSignal,
  ) {
    const response = await send({
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      headers: { ...headers, ...(idempotencyKey && { "Idempotency-Key": idempotencyKey }) },
    }).asResponse();
    return { response, text: await response.text() };
  }

  return async <Body>(
    call: ServiceCall,
    read: ReadBody<Body>,
    outcome: Outcome,
    answered: (status: number) => void,
  ): Promise<Answered<Body>> => {
    const deadline = AbortSignal.timeout(Math.ceil(call.timeoutMs));
    const sentAt = performance.now();
    const { response, text } = await receive(call, deadline).catch(async (error: unknown) => {
      if (isRefusal(error)) answered(error.status);
      throw await failureOf(error, call, deadline.aborted, outcome);
    });
    const ms = performance.now() - sentAt;
    answered(response.status);
    const { body, usedTokens } = await readBody(read, text).catch(async (error: unknown) => {
      if (!(error instanceof ErrorInBody)) throw error;
      // A refusal that came with status 200.
      outcome.usedTokens = 0;
      const { message, status, code } = error;
      throw await refusalOf({ message, status, code, headers: response.headers }, call.model);
    });
    if (usedTokens !== undefined) outcome.usedTokens = usedTokens;
    const delayMs = exhaustedForMs(response.headers, outcome.usedTokens);
    if (delayMs) await pace.close(paceKey, { delayMs }, sentence("ai_exhausted"));
    return { body, ms, isSandbox: response.headers.has("x-sandbox") };
  };
}

/** Rejects with what `read` throws. */
async function readBody<Body>(read: ReadBody<Body>, text: string) {
  return read(text);
}

function isRefusal(error: unknown): error is APIError & { status: number } {
  return error instanceof APIError && error.status !== undefined;
}
