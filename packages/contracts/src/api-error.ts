/** One field of a refused request: where, and what is wrong with it. */
export type FieldProblem = { path: string; problem: string };

/** What is wrong with a row of an upload, counted from 1; `field` is empty for the row as a whole. */
export type RowProblem = { row: number; field: string; problem: string };

/** HTTP status of every code a client may meet: the closed vocabulary of refusals. */
export const apiErrorStatus = {
  malformed_json: 400,
  invalid_request: 400,
  malformed_form: 400,
  unauthorized: 401,
  wrong_key: 401,
  forbidden: 403,
  scope_missing: 403,
  admin_key_needed: 403,
  host_refused: 403,
  session_reads_only: 403,
  cross_site: 403,
  not_found: 404,
  job_not_found: 404,
  ai_job_not_found: 404,
  task_not_found: 404,
  batch_not_found: 404,
  document_not_found: 404,
  queue_not_found: 404,
  provider_not_found: 404,
  delivery_not_found: 404,
  read_only: 405,
  schedule_not_found: 404,
  key_not_found: 404,
  file_not_found: 404,
  file_in_use: 409,
  set_not_found: 404,
  question_not_found: 404,
  result_not_ready: 409,
  document_not_ready: 409,
  already_finished: 409,
  not_finished: 409,
  idempotency_conflict: 409,
  schedule_exists: 409,
  tenant_exists: 409,
  set_exists: 409,
  explanation_under_way: 409,
  payload_too_large: 413,
  input_too_large: 413,
  file_too_large: 413,
  unsupported_encoding: 415,
  form_required: 415,
  unsupported_file_type: 415,
  heic_not_supported: 415,
  invalid_field: 422,
  invalid_rows: 422,
  document_unreadable: 422,
  unknown_kind: 422,
  too_many_requests: 429,
  internal: 500,
  unavailable: 503,
  storage_unavailable: 503,
  overloaded: 503,
  upstream_busy: 503,
  board_unavailable: 503,
} as const;
export type ApiErrorCode = keyof typeof apiErrorStatus;

/** A refusal to answer with. Its sentence comes from the message catalogue by `code`. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;
  readonly statusCode: number;
  readonly details: FieldProblem[] | undefined;
  /** In the place of `details`. */
  readonly rows: RowProblem[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  /** Fills the `{placeholders}` of the catalogue's sentence. */
  readonly values: Record<string, string | number>;

  constructor(
    code: ApiErrorCode,
    options: {
      values?: Record<string, string | number>;
      details?: FieldProblem[];
      rows?: RowProblem[];
      retryAfterSeconds?: number;
      cause?: unknown;
    } = {},
  ) {
    super(code, { cause: options.cause });
    this.name = "ApiError";
    this.code = code;
    this.statusCode = apiErrorStatus[code];
    this.details = options.details;
    this.rows = options.rows;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.values = options.values ?? {};
  }
}
