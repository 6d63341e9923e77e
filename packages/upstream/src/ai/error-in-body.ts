/**
 * An error that a service sent with status 200 and that says what it is, as a refusal by status would.
 * The message is the service's own: for the log, not for clients.
 */
export class ErrorInBody extends Error {
  /** The HTTP status that the service should have sent. */
  readonly status: number | undefined;
  /** As OpenAI names it: `insufficient_quota`, `context_length_exceeded`, `content_filter`, or its own. */
  readonly code: string | undefined;
  constructor(message: string, about: { status?: number | undefined; code?: string | undefined }) {
    super(message);
    this.name = "ErrorInBody";
    this.status = about.status;
    this.code = about.code;
  }
}
