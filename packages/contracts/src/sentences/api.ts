import type { Sentences } from "./sentences.ts";

/** What the generic API says: refusals, errors of jobs, what a job waits for, files and callbacks. */
export const apiSentences = {
  malformed_json: {
    ko: "요청 본문이 올바른 JSON이 아닙니다. UTF-8 JSON 객체를 보내 주세요.",
    en: "The request body is not valid JSON. Send a JSON object in UTF-8.",
  },
  invalid_request: {
    ko: "요청이 올바르지 않습니다. 아래 항목을 고쳐 주세요.",
    en: "The request is malformed. Correct the fields named below.",
  },
  unauthorized: {
    ko: "API 키가 필요합니다. Authorization: Bearer <키> 헤더를 보내 주세요.",
    en: "An API key is required. Send the header Authorization: Bearer <key>.",
  },
  forbidden: { ko: "이 작업을 할 권한이 없습니다.", en: "This key may not do that." },
  scope_missing: {
    ko: "이 키에는 '{scope}' 권한이 없습니다. 이 권한이 있는 키를 쓰세요.",
    en: "This key lacks the scope '{scope}'. Use a key that has it.",
  },
  admin_key_needed: {
    ko: "'admin' 권한의 키는 ADMIN_API_KEY나 npm run admin으로만 만들 수 있습니다.",
    en: "A key with the scope 'admin' is made with ADMIN_API_KEY or npm run admin only.",
  },
  host_refused: {
    ko: "키 없이는 이 컴퓨터의 이름(localhost, 127.0.0.1)으로만 부를 수 있습니다. 다른 이름은 ALLOWED_HOSTS에 적어 주세요.",
    en: "Without keys it answers to this machine's own names only (localhost, 127.0.0.1). Put others into ALLOWED_HOSTS.",
  },
  key_not_found: { ko: "키를 찾을 수 없습니다.", en: "There is no such key." },
  key_expired_already: { ko: "지난 시각입니다.", en: "This time has passed." },
  tenant_exists: {
    ko: "'{id}' 테넌트가 이미 있습니다.",
    en: "There is already a tenant '{id}'.",
  },
  wrong_key: { ko: "키가 맞지 않습니다.", en: "The key is wrong." },
  session_reads_only: {
    ko: "로그인으로는 읽기만 할 수 있습니다. 바꾸려면 Authorization: Bearer <키> 헤더를 보내 주세요.",
    en: "A login only reads. To change something, send the header Authorization: Bearer <key>.",
  },
  cross_site: {
    ko: "다른 사이트에서 온 요청은 받지 않습니다. 이 페이지에서 다시 시도해 주세요.",
    en: "Requests from other sites are not accepted. Try again from this page.",
  },
  read_only: {
    ko: "여기서는 볼 수만 있습니다. 바꾸려면 /v1 API를 쓰세요.",
    en: "This page is read-only. Use the API under /v1 to change something.",
  },
  not_found: { ko: "그런 주소가 없습니다.", en: "There is nothing at this address." },
  job_not_found: { ko: "작업을 찾을 수 없습니다.", en: "There is no such job." },
  queue_not_found: {
    ko: "큐 '{name}'을(를) 찾을 수 없습니다. GET /v1/queues에서 이름을 확인하세요.",
    en: "There is no queue '{name}'. GET /v1/queues lists them.",
  },
  delivery_not_found: { ko: "콜백 기록을 찾을 수 없습니다.", en: "There is no such delivery." },
  webhook_refused_address: {
    ko: "콜백 주소가 공개 인터넷 주소가 아니어서 보내지 않았습니다. 사내 주소를 허용하려면 운영자가 WEBHOOK_ALLOW_PRIVATE=1을 설정해야 합니다.",
    en: "The callback's address is not public, so nothing was sent. The operator may allow private ones with WEBHOOK_ALLOW_PRIVATE=1.",
  },
  webhook_gone: {
    ko: "콜백 주소가 410으로 답해 더 보내지 않습니다.",
    en: "The callback's receiver answered 410: nothing more is sent.",
  },
  webhook_answered: {
    ko: "콜백 주소가 {status}(으)로 답했습니다.",
    en: "The callback's receiver answered {status}.",
  },
  result_not_ready: {
    ko: "아직 결과가 없습니다. 현재 상태: {status}",
    en: "There is no result yet. The job is {status}.",
  },
  already_finished: {
    ko: "이미 끝난 작업입니다. 현재 상태: {status}",
    en: "The job has already finished: {status}.",
  },
  not_finished: {
    ko: "아직 끝나지 않은 작업은 다시 실행할 수 없습니다. 현재 상태: {status}",
    en: "A job that has not finished cannot be retried. It is {status}.",
  },
  idempotency_conflict: {
    ko: "같은 Idempotency-Key가 다른 내용으로 이미 쓰였습니다. 새 키를 쓰세요.",
    en: "This Idempotency-Key was used with other content. Use a new key.",
  },
  payload_too_large: {
    ko: "요청 본문이 너무 큽니다. 최대 {limit}바이트입니다.",
    en: "The request body is too large. The limit is {limit} bytes.",
  },
  input_too_large: {
    ko: "작업 입력이 너무 큽니다. 최대 {limit}바이트이며, 큰 파일은 업로드를 쓰세요.",
    en: "The job's input is too large. The limit is {limit} bytes; upload large files instead.",
  },
  unsupported_encoding: {
    ko: "본문은 UTF-8 JSON이어야 합니다.",
    en: "The body must be JSON in UTF-8.",
  },
  malformed_form: {
    ko: "multipart/form-data 본문을 읽을 수 없습니다. 파일과 항목을 양식 그대로 끝까지 보내 주세요.",
    en: "The multipart/form-data body cannot be read. Send the whole form, with few and short fields.",
  },
  form_required: {
    ko: "multipart/form-data로 보내 주세요. 파일은 file 항목에 넣습니다.",
    en: "Send multipart/form-data with the file in the field 'file'.",
  },
  file_not_found: {
    ko: "파일을 찾을 수 없습니다. 보관 기간이 지났을 수 있습니다.",
    en: "There is no such file. It may have expired.",
  },
  file_in_use: {
    ko: "아직 끝나지 않은 작업이 쓰는 파일입니다. 작업을 취소하거나 끝난 뒤에 지워 주세요.",
    en: "A job that has not finished uses this file. Cancel it, or delete the file afterwards.",
  },
  file_too_large: {
    ko: "파일이 너무 큽니다. 최대 {limit}바이트입니다.",
    en: "The file is too large. The limit is {limit} bytes.",
  },
  unsupported_file_type: {
    ko: "받을 수 없는 파일 형식입니다({type}). 받을 수 있는 형식: {accepted}",
    en: "Files of this type are not accepted ({type}). Accepted: {accepted}",
  },
  heic_not_supported: {
    ko: "HEIC(HEIF) 사진은 받을 수 없습니다. JPEG나 PNG로 바꾸어 올려 주세요. iPhone은 설정 → 카메라 → 포맷에서 '높은 호환성'을 고르면 JPEG로 찍습니다.",
    en: "HEIC (HEIF) pictures are not accepted. Convert it to JPEG or PNG. On an iPhone, Settings → Camera → Formats → Most Compatible takes JPEGs.",
  },
  storage_unavailable: {
    ko: "지금은 파일을 저장하거나 읽을 수 없습니다. 잠시 후 다시 시도해 주세요.",
    en: "Files cannot be stored or read right now. Try again shortly.",
  },
  file_missing: {
    ko: "파일이 없습니다. file 항목에 파일을 넣어 주세요.",
    en: "There is no file. Send one in the field 'file'.",
  },
  file_empty: { ko: "파일이 비어 있습니다.", en: "The file is empty." },
  file_field_unknown: {
    ko: "파일은 file 항목으로만 받습니다.",
    en: "Files are accepted in the field 'file' only.",
  },
  files_too_many: {
    ko: "파일은 {limit}개까지 보낼 수 있습니다.",
    en: "At most {limit} files are accepted.",
  },
  invalid_field: {
    ko: "입력값이 올바르지 않습니다. 아래 항목을 고쳐 주세요.",
    en: "Some fields are not valid. Correct the fields named below.",
  },
  unknown_kind: {
    ko: "'{kind}'은(는) 없는 작업 종류입니다. GET /v1/kinds에서 확인하세요.",
    en: "There is no kind '{kind}'. GET /v1/kinds lists them.",
  },
  too_many_requests: {
    ko: "요청이 너무 많습니다. 잠시 후 다시 시도해 주세요.",
    en: "Too many requests. Try again shortly.",
  },
  internal: {
    ko: "서버 오류가 발생했습니다. 잠시 후 다시 시도해 주세요.",
    en: "The server failed. Try again shortly.",
  },
  unavailable: {
    ko: "지금은 작업을 저장할 수 없습니다. 잠시 후 다시 시도해 주세요.",
    en: "Jobs cannot be stored right now. Try again shortly.",
  },
  overloaded: {
    ko: "요청이 몰려 있습니다. 잠시 후 다시 시도해 주세요.",
    en: "The server is overloaded. Try again shortly.",
  },
  upstream_busy: {
    ko: "지금은 10초 안에 조회할 수 없습니다. 잠시 후 다시 시도해 주세요.",
    en: "This cannot be looked up within 10 seconds. Try again shortly.",
  },
  text_not_utf8: {
    ko: "UTF-8이 아닌 글자가 있습니다. UTF-8로 보내 주세요.",
    en: "It holds characters that are not UTF-8. Send UTF-8.",
  },
  field_required: { ko: "꼭 있어야 합니다.", en: "It is required." },
  job_cancelled: { ko: "작업이 취소되었습니다", en: "The job was cancelled" },
  cursor_unknown: {
    ko: "cursor는 이전 응답의 nextCursor여야 합니다.",
    en: "cursor must be the nextCursor of an earlier answer.",
  },
  idempotency_key_form: {
    ko: "Idempotency-Key는 ASCII 문자 1자 이상 255자 이하여야 합니다.",
    en: "Idempotency-Key must be 1 to 255 printable ASCII characters.",
  },
  metadata_too_large: {
    ko: "metadata는 JSON으로 최대 {limit}바이트입니다.",
    en: "metadata may take at most {limit} bytes of JSON.",
  },
  callback_credentials: {
    ko: "콜백 주소에 사용자 이름이나 비밀번호를 넣을 수 없습니다.",
    en: "A callback address must not hold a user name or a password.",
  },
  webhook_subject_gone: {
    ko: "알릴 작업이 이미 삭제되어 보내지 못했습니다.",
    en: "Its job or batch has been deleted: nothing could be sent.",
  },
  text_nul: {
    ko: "저장할 수 없는 문자 \\u0000이 들어 있습니다.",
    en: "It contains the character \\u0000, which cannot be stored.",
  },
  text_surrogate: {
    ko: "문자의 반쪽(서로게이트)이 들어 있습니다.",
    en: "It contains half of a surrogate pair, which is no character.",
  },
  name_not_allowed: { ko: "쓸 수 없는 이름입니다.", en: "This name is not allowed." },
  number_too_large: { ko: "숫자가 너무 큽니다.", en: "The number is too large." },
  nested_too_deep: {
    ko: "{limit}단계보다 깊이 중첩되어 있습니다.",
    en: "It is nested deeper than {limit} levels.",
  },
  items_too_few: { ko: "{limit}개 이상이어야 합니다.", en: "At least {limit} items are needed." },
  items_too_many: {
    ko: "최대 {limit}개까지 보낼 수 있습니다.",
    en: "At most {limit} items are accepted.",
  },
  error_timeout: {
    ko: "작업이 제한 시간 안에 끝나지 않았습니다.",
    en: "The job ran longer than its time limit.",
  },
  error_processing_error: {
    ko: "작업을 처리하는 중에 오류가 발생했습니다.",
    en: "The job failed while it was processed.",
  },
  error_poison: {
    ko: "작업자 프로세스가 이 작업을 하다가 세 번 종료되어 중단했습니다.",
    en: "The worker process died three times while running this job.",
  },
  error_expired: {
    ko: "제한 시각까지 시작하지 못했습니다.",
    en: "The job could not start in time.",
  },
  error_invalid_input: {
    ko: "저장된 입력이 작업 종류의 형식에 더 이상 맞지 않습니다.",
    en: "The stored input no longer fits the kind's schema.",
  },
  error_invalid_result: {
    ko: "작업 결과가 정해진 형식에 맞지 않습니다.",
    en: "The job's result does not fit the kind's schema.",
  },
  error_end_refused: {
    ko: "작업 결과를 저장하지 못했습니다.",
    en: "The job's result could not be stored.",
  },
  error_not_submitted: {
    ko: "예약된 작업을 만들지 못했습니다.",
    en: "The scheduled job could not be created.",
  },
  error_cancelled: { ko: "작업이 취소되었습니다", en: "The job was cancelled" },
  waiting_start_time: { ko: "시작 시각을 기다립니다.", en: "Waiting for its start time." },
  waiting_retry: { ko: "다시 시도할 때를 기다립니다.", en: "Waiting to be retried." },
  waiting_pace: {
    ko: "외부 API의 허용 속도를 기다립니다.",
    en: "Waiting for its turn: the service limits the rate of calls.",
  },
  provider_not_found: {
    ko: "그런 외부 서비스가 없습니다. 이름은 GET /v1/providers에 있습니다.",
    en: "There is no such service. GET /v1/providers has the names.",
  },
  waiting_provider: {
    ko: "필요한 외부 서비스가 돌아오기를 기다립니다.",
    en: "Waiting for an outside service that it needs to be back.",
  },
  waiting_paused_queue: { ko: "큐가 멈춰 있습니다.", en: "Its queue is paused." },
  waiting_position: {
    ko: "앞에 {position}개의 작업이 있습니다.",
    en: "{position} jobs are ahead of it.",
  },
  waiting_worker: { ko: "작업자를 기다립니다.", en: "Waiting for a worker." },
} as const satisfies Sentences;
