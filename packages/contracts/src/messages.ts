export type Language = "ko" | "en";

/** Every sentence the API says, once. `{name}` is filled from the values given. */
const catalogue = {
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
  wrong_key: { ko: "키가 맞지 않습니다.", en: "That is not the key." },
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
    en: "This only shows. Use the API under /v1 to change something.",
  },
  login_title: { ko: "Ilgam 운영자 로그인", en: "Ilgam operator login" },
  login_hint: {
    ko: "큐와 작업을 보려면 관리자 키가 필요합니다. 로그인으로는 읽기만 할 수 있습니다.",
    en: "The admin key opens the queues and jobs. A login only reads.",
  },
  login_key: { ko: "관리자 키 (ADMIN_API_KEY)", en: "Admin key (ADMIN_API_KEY)" },
  login_button: { ko: "로그인", en: "Log in" },
  login_holds: {
    ko: "로그인되어 있습니다. {until}까지 유지됩니다.",
    en: "You are logged in until {until}.",
  },
  login_to_board: { ko: "큐 보기", en: "Show the queues" },
  login_leave: { ko: "로그아웃", en: "Log out" },
  board_deliveries: {
    ko: "작업이 아니라 전달 기록입니다.",
    en: "Deliveries, not jobs.",
  },
  board_schedules: {
    ko: "예약된 시각을 알리는 기록입니다.",
    en: "Ticks of the schedules.",
  },
  not_found: { ko: "그런 주소가 없습니다.", en: "There is nothing at this address." },
  job_not_found: { ko: "작업을 찾을 수 없습니다.", en: "There is no such job." },
  // A literal of system 4's document, whatever the language.
  ai_job_not_found: { ko: "Job not found", en: "Job not found" },
  batch_not_found: { ko: "배치 작업을 찾을 수 없습니다.", en: "There is no such batch." },
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
  set_not_found: { ko: "지문세트를 찾을 수 없습니다.", en: "There is no such passage set." },
  question_not_found: { ko: "문제를 찾을 수 없습니다.", en: "There is no such question." },
  set_exists: {
    ko: "'{id}' 지문세트가 이미 있습니다.",
    en: "There is already a passage set '{id}'.",
  },
  explanation_under_way: {
    ko: "이미 해설을 생성하고 있습니다. 끝난 뒤에 다시 시도해 주세요. 현재 상태: {status}",
    en: "An explanation is already on its way ({status}). Try again when that has ended.",
  },
  invalid_rows: {
    ko: "{rows}개 행에 문제가 있어 아무것도 저장하지 않았습니다. 아래 항목을 고쳐 주세요(모두 {total}건 중 {shown}건 표시).",
    en: "{rows} rows have problems and nothing was stored. Correct what is named below ({shown} of {total}).",
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
    en: "There is no such file. It may have been kept for long enough.",
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
  image_analysis_started: {
    ko: "이미지 분석이 백그라운드에서 시작되었습니다.",
    en: "The image is being analysed in the background.",
  },
  table_extraction_started: {
    ko: "표 추출이 백그라운드에서 시작되었습니다.",
    en: "The tables are being extracted in the background.",
  },
  task_not_found: {
    ko: "작업 '{id}'을(를) 찾을 수 없습니다.",
    en: "There is no task '{id}'.",
  },
  task_cancelled: {
    ko: "작업 '{id}'이(가) 성공적으로 취소되었습니다.",
    en: "The task '{id}' was cancelled.",
  },
  tasks_cleaned_up: {
    ko: "{hours}시간 이상 된 완료된 작업들이 정리되었습니다.",
    en: "Finished tasks that are {hours} hours old or older were removed.",
  },
  image_corrupt: {
    ko: "이미지를 읽을 수 없습니다. 손상되었거나 끝까지 전송되지 않았습니다.",
    en: "The image cannot be read. It is damaged or was not sent to its end.",
  },
  image_too_many_pixels: {
    ko: "이미지의 픽셀이 너무 많습니다. 최대 {limit}픽셀입니다.",
    en: "The image has too many pixels. The limit is {limit}.",
  },
  document_encrypted: {
    ko: "암호가 걸린 문서는 읽을 수 없습니다. 암호를 풀어 다시 올려 주세요.",
    en: "The document is protected by a password. Remove it and upload the document again.",
  },
  document_corrupt: {
    ko: "문서를 읽을 수 없습니다. 손상되었거나 형식이 올바르지 않습니다.",
    en: "The document cannot be read. It is damaged.",
  },
  document_too_many_pages: {
    ko: "문서의 쪽수가 너무 많습니다. 최대 {limit}쪽입니다.",
    en: "The document has too many pages. The limit is {limit}.",
  },
  document_too_demanding: {
    ko: "문서를 읽는 데 허용된 것보다 많은 메모리나 시간이 필요합니다.",
    en: "Reading the document takes more memory or time than is allowed.",
  },
  csv_of_tables: {
    ko: "csv는 표 추출 결과에만 쓸 수 있습니다.",
    en: "csv is for extracted tables only.",
  },
  table_unknown: {
    ko: "그 번호의 표가 없습니다. 표는 {count}개입니다.",
    en: "There is no table of this number. There are {count}.",
  },
  text_not_utf8: {
    ko: "UTF-8이 아닌 글자가 있습니다. UTF-8로 보내 주세요.",
    en: "It holds characters that are not UTF-8. Send UTF-8.",
  },
  field_required: { ko: "꼭 있어야 합니다.", en: "It is required." },
  batch_started: { ko: "배치 작업이 시작되었습니다", en: "The batch has started" },
  batch_cancelled: { ko: "배치 작업이 취소되었습니다", en: "The batch was cancelled" },
  job_cancelled: { ko: "작업이 취소되었습니다", en: "The job was cancelled" },
  all_keywords_failed: {
    ko: "모든 키워드의 조회에 실패했습니다.",
    en: "Every keyword failed.",
  },
  keyword_blank: { ko: "키워드가 비어 있습니다.", en: "The keyword is blank." },
  keyword_too_long: {
    ko: "키워드는 100자까지 쓸 수 있습니다.",
    en: "A keyword has at most 100 characters.",
  },
  keyword_unusable: {
    ko: "키워드에 저장할 수 없는 문자(\\u0000 등)가 있습니다.",
    en: "The keyword holds a character that cannot be stored, such as \\u0000.",
  },
  query_blank: { ko: "질문(query)이 비어 있습니다.", en: "The query is blank." },
  query_too_long: {
    ko: "질문(query)은 10,000자까지 쓸 수 있습니다. 큰 데이터는 metadata.data에 넣으세요.",
    en: "A query has at most 10,000 characters. Put data into metadata.data.",
  },
  query_unusable: {
    ko: "질문(query)에 저장할 수 없는 문자(\\u0000 등)가 있습니다.",
    en: "The query holds a character that cannot be stored, such as \\u0000.",
  },
  ai_step_start: { ko: "작업 시작", en: "Starting" },
  ai_step_collect: { ko: "데이터 수집 중", en: "Collecting data" },
  ai_step_analyze: { ko: "AI 분석 중", en: "Analysing with AI" },
  ai_step_format: { ko: "결과 정리 중", en: "Putting the result together" },
  ai_log_queued: { ko: "대기열에 들어갔습니다.", en: "Queued." },
  ai_log_processing: {
    ko: "처리를 시작했습니다({attempt}번째 시도).",
    en: "Started (try {attempt}).",
  },
  ai_log_retry: {
    ko: "{attempt}번째 시도가 실패했습니다. {seconds}초 뒤에 다시 시도합니다.",
    en: "Try {attempt} failed. The next one comes in {seconds} s.",
  },
  ai_log_put_off: { ko: "{seconds}초 뒤로 미뤘습니다.", en: "Put off for {seconds} s." },
  ai_log_given_back: {
    ko: "작업자가 멈추어 대기열로 돌아갔습니다.",
    en: "Back in the queue: its worker stopped.",
  },
  ai_log_cancel_asked: { ko: "취소를 요청했습니다.", en: "Asked to stop." },
  ai_log_completed: { ko: "완료했습니다.", en: "Completed." },
  ai_log_failed: { ko: "실패했습니다.", en: "Failed." },
  ai_log_step: { ko: "단계를 저장했습니다: {name}", en: "Step stored: {name}" },
  keyword_in_flight: {
    ko: "같은 키워드를 조회하고 있는 다른 작업을 기다립니다.",
    en: "Waiting for another job that is looking up the same keyword.",
  },
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
  text_unusable: {
    ko: "저장할 수 없는 문자(\\u0000 등)가 있습니다.",
    en: "It holds a character that cannot be stored, such as \\u0000.",
  },
  text_blank: { ko: "비어 있습니다.", en: "It is blank." },
  text_expected: { ko: "문자열이어야 합니다.", en: "It must be a text." },
  text_too_long: {
    ko: "최대 {limit}자까지 쓸 수 있습니다.",
    en: "It has more than {limit} characters.",
  },
  option_repeats: { ko: "같은 선택지가 두 번 있습니다.", en: "An option stands there twice." },
  answer_not_an_option: {
    ko: "정답이 선택지 가운데 없습니다. 선택지의 내용을 그대로 쓰세요.",
    en: "The answer is none of the options. Give the text of an option.",
  },
  question_or_id: {
    ko: "questionId와 question 가운데 하나만 보내 주세요.",
    en: "Give either questionId or question.",
  },
  id_form: {
    ko: "id는 영문자, 숫자, _, -로 된 1–64자여야 합니다.",
    en: "An id has 1 to 64 letters, digits, _ and -.",
  },
  row_id_repeats: {
    ko: "{row}번 행과 같은 id입니다.",
    en: "Row {row} has the same id.",
  },
  row_id_exists: {
    ko: "이 id의 문제가 이미 있습니다.",
    en: "There is already a question with this id.",
  },
  row_option_gap: {
    ko: "선택지를 앞 번호부터 빠짐없이 채워 주세요.",
    en: "Fill the options from the first on, without a gap.",
  },
  row_cells_too_many: {
    ko: "머리글보다 칸이 많습니다. 쉼표가 든 칸은 큰따옴표로 묶어 주세요.",
    en: "It has more cells than the header. Put cells with a comma in double quotes.",
  },
  upload_form: {
    ko: "{questions: [...]} 형식의 JSON이나, CSV 파일을 file 항목에 담은 multipart/form-data를 보내 주세요.",
    en: "Send JSON as {questions: [...]}, or multipart/form-data with a CSV as its file.",
  },
  csv_empty: {
    ko: "CSV에 문제가 없습니다. 머리글 아래에 한 행 이상 있어야 합니다.",
    en: "The CSV has no questions: at least one row below the header is needed.",
  },
  csv_binary: {
    ko: "CSV 텍스트가 아닙니다. 엑셀에서 'CSV UTF-8' 형식으로 저장해 주세요.",
    en: "This is no CSV text. Save it in Excel as 'CSV UTF-8'.",
  },
  csv_utf16: {
    ko: "UTF-16 파일은 읽지 않습니다. 엑셀에서 'CSV UTF-8' 형식으로 저장해 주세요.",
    en: "UTF-16 is not read. Save it in Excel as 'CSV UTF-8'.",
  },
  csv_encoding: {
    ko: "문자 인코딩을 알 수 없습니다. UTF-8이나 CP949(EUC-KR)로 저장해 주세요.",
    en: "The encoding is neither UTF-8 nor CP949 (EUC-KR). Save it as UTF-8.",
  },
  csv_malformed: {
    ko: "{line}번째 줄에서 CSV 형식이 깨져 있습니다. 큰따옴표의 짝을 확인해 주세요.",
    en: "Line {line} is no valid CSV. Check that its double quotes are closed.",
  },
  csv_header_missing: {
    ko: "머리글에 다음 이름이 없습니다: {names}",
    en: "The header lacks these names: {names}",
  },
  csv_header_repeats: {
    ko: "머리글에 {name}이(가) 두 번 있습니다.",
    en: "The header names {name} twice.",
  },
  upload_stored: {
    ko: "{count}개의 문제가 성공적으로 생성되었습니다.",
    en: "{count} questions were created.",
  },
  upload_explaining: {
    ko: "({count}개 문제의 AI 해설을 백그라운드에서 생성중입니다.)",
    en: "(AI explanations of {count} questions are being generated in the background.)",
  },
  explanation_placeholder: {
    ko: "아직 해설이 없습니다. AI 해설이 생성되면 여기에 표시됩니다.",
    en: "There is no explanation yet. It appears here once it has been generated.",
  },
  explanation_job_gone: {
    ko: "해설을 생성하지 못했고, 오래되어 기록이 지워졌습니다. 다시 생성해 주세요.",
    en: "No explanation was generated, and the record of why is deleted by now. Generate it again.",
  },
  regenerate_started: {
    ko: "해설을 다시 생성합니다.",
    en: "The explanation is being generated again.",
  },
  queue_restarted: { ko: "큐를 다시 시작했습니다.", en: "The queue was restarted." },
  callback_credentials: {
    ko: "콜백 주소에 사용자 이름이나 비밀번호를 넣을 수 없습니다.",
    en: "A callback address must not hold a user name or a password.",
  },
  webhook_subject_gone: {
    ko: "알릴 작업이 이미 삭제되어 보내지 못했습니다.",
    en: "What it was about has been deleted: nothing could be sent.",
  },
  question_edited: {
    ko: "해설하는 동안 문제가 바뀌어 새 내용으로 다시 해설합니다.",
    en: "The question was edited while it was explained: it is explained again.",
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
  time_zone_unknown: {
    ko: "없는 시간대입니다. Asia/Seoul처럼 IANA 이름을 쓰세요.",
    en: "There is no such time zone. Give an IANA name, such as Asia/Seoul.",
  },
  time_of_day_form: {
    ko: "시각은 00:00부터 23:59까지 HH:MM으로 쓰세요(to는 24:00도 됩니다).",
    en: "Give a time of day as HH:MM, from 00:00 to 23:59 (24:00 as an end).",
  },
  window_empty: {
    ko: "from과 to가 같습니다. 하루 전체는 00:00과 24:00으로 쓰세요.",
    en: "from and to are the same. A whole day is 00:00 to 24:00.",
  },
  window_without_limit: {
    ko: "concurrency, globalConcurrency, rate, paused 가운데 하나는 있어야 합니다.",
    en: "Give at least one of concurrency, globalConcurrency, rate and paused.",
  },
  window_names_repeat: {
    ko: "시간대(window)의 이름은 서로 달라야 합니다.",
    en: "The names of the windows must differ.",
  },
  cron_form: {
    ko: "cron 형식이 올바르지 않습니다. '분 시 일 월 요일' 다섯 칸(또는 초를 앞에 둔 여섯 칸)으로 쓰세요.",
    en: "This is no cron pattern. Give five fields, minute hour day month weekday, or six with the second first.",
  },
  cron_never: {
    ko: "이 cron 형식에 맞는 날이 없습니다.",
    en: "No time ever fits this pattern.",
  },
  cron_too_often: {
    ko: "10초보다 자주 실행할 수 없습니다.",
    en: "A schedule may not run more often than every 10 seconds.",
  },
  schedule_not_found: { ko: "예약을 찾을 수 없습니다.", en: "There is no such schedule." },
  schedule_exists: {
    ko: "'{name}' 이름의 예약이 이미 있습니다.",
    en: "There is already a schedule named '{name}'.",
  },
  bounds_crossed: { ko: "max는 min 이상이어야 합니다.", en: "max must be at least min." },
  set_and_reset: {
    ko: "같은 항목을 바꾸면서 되돌릴 수는 없습니다.",
    en: "A setting cannot be set and reset at once.",
  },
  patch_empty: {
    ko: "바꿀 항목을 하나 이상 보내 주세요.",
    en: "Name at least one setting to change.",
  },
  document_not_found: { ko: "문서를 찾을 수 없습니다.", en: "There is no such document." },
  document_unreadable: {
    ko: "문서를 처리할 수 없습니다. {reason}",
    en: "The document cannot be processed. {reason}",
  },
  document_not_ready: {
    ko: "문서가 아직 처리되지 않았습니다. 현재 상태: {status}",
    en: "The document has not been processed yet. It is {status}.",
  },
  document_accepted: {
    ko: "백그라운드에서 문서를 분석하고 있습니다.",
    en: "The document is being analysed in the background.",
  },
  document_deleted: { ko: "문서가 삭제되었습니다.", en: "The document was deleted." },
  document_pending: {
    ko: "문서 처리를 기다리고 있습니다.",
    en: "The document waits to be processed.",
  },
  document_started: {
    ko: "문서 처리를 시작했습니다.",
    en: "The document is being opened.",
  },
  document_copying: {
    ko: "같은 파일의 처리 결과를 가져오고 있습니다...",
    en: "Taking over what was computed of the same file...",
  },
  document_extracting: {
    ko: "텍스트와 이미지를 추출하고 있습니다...",
    en: "Extracting text and images...",
  },
  document_describing: {
    ko: "이미지를 분석하고 있습니다...",
    en: "Describing the images...",
  },
  document_chunking: {
    ko: "텍스트를 청크로 나누고 있습니다...",
    en: "Cutting the text into chunks...",
  },
  document_embedding: {
    ko: "임베딩을 생성하고 있습니다...",
    en: "Computing the embeddings...",
  },
  document_storing: { ko: "결과를 저장하고 있습니다...", en: "Storing the results..." },
  document_completed: { ko: "문서 처리가 완료되었습니다.", en: "The document is processed." },
  document_failed: { ko: "문서 처리에 실패했습니다.", en: "The document could not be processed." },
  document_text_of_image: {
    ko: "그림에는 글자층이 없습니다. use_multimodal=true로 보내 주세요.",
    en: "An image has no text layer. Send it with use_multimodal=true.",
  },
  flag_form: { ko: "true 또는 false여야 합니다.", en: "It must be true or false." },
  error_document_encrypted: {
    ko: "암호가 걸린 문서입니다. 암호를 풀고 다시 올려 주세요.",
    en: "The document is encrypted. Remove its password and upload it again.",
  },
  error_document_corrupt: {
    ko: "파일이 손상되어 읽을 수 없습니다.",
    en: "The file is damaged and cannot be read.",
  },
  error_document_too_many_pages: {
    ko: "쪽이 너무 많습니다. 나누어 올려 주세요.",
    en: "The document has too many pages. Upload it in parts.",
  },
  error_document_too_many_pixels: {
    ko: "그림의 화소가 너무 많습니다. 줄여서 다시 올려 주세요.",
    en: "The image has too many pixels. Make it smaller and upload it again.",
  },
  error_document_too_long: {
    ko: "글자가 너무 많습니다. 나누어 올려 주세요.",
    en: "The text is too long. Upload the document in parts.",
  },
  error_document_out_of_memory: {
    ko: "문서를 읽는 데 메모리가 너무 많이 필요합니다. 나누어 올려 주세요.",
    en: "Reading the document takes too much memory. Upload it in parts.",
  },
  error_document_out_of_time: {
    ko: "문서를 읽는 데 시간이 너무 오래 걸립니다. 나누어 올려 주세요.",
    en: "Reading the document takes too long. Upload it in parts.",
  },
  error_document_file_gone: {
    ko: "파일이 없습니다. 보관 기간이 지났을 수 있으니 다시 올려 주세요.",
    en: "The file is gone. It may have been kept for long enough: upload it again.",
  },
  error_document_model_changed: {
    ko: "처리하는 동안 임베딩 모델이 바뀌었습니다. 다시 실행해 주세요.",
    en: "The embedding model was changed meanwhile. Run the job again.",
  },
  error_document_lost: {
    ko: "처리 기록이 보관 기간이 지나 삭제되었습니다. 파일을 다시 올려 주세요.",
    en: "The record of the work was kept for long enough and is gone. Upload the file again.",
  },
  error_timeout: {
    ko: "작업이 제한 시간 안에 끝나지 않았습니다.",
    en: "The job ran longer than it may.",
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
  error_question_gone: {
    ko: "해설할 문제를 찾을 수 없습니다.",
    en: "There is no such question to explain.",
  },
  error_question_not_its_own: {
    ko: "이 문제의 해설은 이 작업이 맡고 있지 않습니다(선생님이 고쳤거나 다른 작업이 맡았습니다). 다시 만들려면 POST /admin/questions/:id/regenerate-explanation을 쓰세요.",
    en: "This job is not the one that explains the question: a teacher or another job has. POST /admin/questions/:id/regenerate-explanation makes a new one.",
  },
  error_not_submitted: {
    ko: "예약된 작업을 만들지 못했습니다.",
    en: "The scheduled job could not be made.",
  },
  error_cancelled: { ko: "작업이 취소되었습니다", en: "The job was cancelled" },
  waiting_start_time: { ko: "시작 시각을 기다립니다.", en: "Waiting for its start time." },
  waiting_retry: { ko: "다시 시도할 때를 기다립니다.", en: "Waiting to be tried again." },
  waiting_pace: {
    ko: "외부 API의 허용 속도를 기다립니다.",
    en: "Waiting for the pace of the upstream API.",
  },
  waiting_paused_queue: { ko: "큐가 멈춰 있습니다.", en: "Its queue is paused." },
  waiting_position: {
    ko: "앞에 {position}개의 작업이 있습니다.",
    en: "{position} jobs stand before it.",
  },
  waiting_worker: { ko: "작업자를 기다립니다.", en: "Waiting for a worker." },
  window_backwards: {
    ko: "from은 to와 같거나 그보다 앞선 날이어야 합니다.",
    en: "from must not be after to.",
  },
  window_long: {
    ko: "from부터 to까지는 {days}일을 넘을 수 없습니다.",
    en: "From from to to there may be at most {days} days.",
  },
  checklist_queue_size_none: { ko: "대기 중인 작업이 없습니다.", en: "No job waits." },
  checklist_queue_size_ok: {
    ko: "가장 긴 큐 {subject}에 작업 {value}개가 대기 중입니다(기준 {limit}개 미만).",
    en: "The longest queue, {subject}, holds {value} waiting jobs, below {limit}.",
  },
  checklist_queue_size_bad: {
    ko: "큐 {subject}에 작업 {value}개가 대기 중입니다(기준 {limit}개 미만). 작업자를 늘리거나 한도를 확인하세요.",
    en: "The queue {subject} holds {value} waiting jobs; the limit is {limit}. Add workers or look at its limits.",
  },
  checklist_processing_minutes_none: {
    ko: "처리 중인 작업이 없습니다.",
    en: "No job is being processed.",
  },
  checklist_processing_minutes_ok: {
    ko: "가장 오래 처리 중인 작업({subject})은 {value}분째입니다(기준 {limit}분 미만).",
    en: "The longest running job ({subject}) has run for {value} minutes, below {limit}.",
  },
  checklist_processing_minutes_bad: {
    ko: "{value}분째 처리 중인 작업({subject})이 있습니다(기준 {limit}분 미만). 멈췄는지 확인하고 필요하면 취소하세요.",
    en: "A job ({subject}) has run for {value} minutes; the limit is {limit}. See whether it hangs, and cancel it if so.",
  },
  checklist_failure_rate_none: {
    ko: "지난 1시간 동안 끝난 작업이 없습니다.",
    en: "No job has ended in the past hour.",
  },
  checklist_failure_rate_ok: {
    ko: "지난 1시간 실패율은 가장 높은 {subject}이(가) {value}%입니다(기준 {limit}% 미만).",
    en: "In the past hour at most {value} % failed ({subject}), below {limit} %.",
  },
  checklist_failure_rate_bad: {
    ko: "지난 1시간 {subject} 작업의 {value}%가 실패했습니다(기준 {limit}% 미만). 실패한 작업의 오류를 확인하세요.",
    en: "In the past hour {value} % of {subject} failed; the limit is {limit} %. Look at the errors of the failed jobs.",
  },
  checklist_memory_none: { ko: "측정된 프로세스가 없습니다.", en: "No process was measured." },
  checklist_memory_ok: {
    ko: "메모리를 가장 많이 쓰는 프로세스({subject})는 {value}MB입니다(기준 {limit}MB 미만).",
    en: "The largest process ({subject}) uses {value} MB of memory, below {limit} MB.",
  },
  checklist_memory_bad: {
    ko: "프로세스 {subject}이(가) 메모리 {value}MB를 씁니다(기준 {limit}MB 미만). 동시 처리 수를 줄이거나 다시 시작하세요.",
    en: "The process {subject} uses {value} MB of memory; the limit is {limit} MB. Lower its concurrency or restart it.",
  },
  checklist_upstream_quota_none: {
    ko: "하루 할당량이 정해진 외부 API가 없습니다.",
    en: "No upstream API in use has a daily quota.",
  },
  checklist_upstream_quota_ok: {
    ko: "외부 API {subject}의 오늘 할당량을 {value}% 썼습니다(기준 {limit}% 미만).",
    en: "{value} % of today's quota of {subject} is used, below {limit} %.",
  },
  checklist_upstream_quota_bad: {
    ko: "외부 API {subject}의 할당량을 다 썼거나 기준({limit}%)을 넘었습니다(오늘 {value}%). 다시 열릴 때까지 작업은 기다립니다.",
    en: "The quota of {subject} is spent or past its limit of {limit} % (today {value} %). Jobs wait until it opens again.",
  },
  checklist_upstream_quota_unknown: {
    ko: "Redis에 연결할 수 없어 외부 API 사용량을 알 수 없습니다.",
    en: "Redis is away, so what is used of the upstream quotas is not known.",
  },
} as const satisfies Record<string, Record<Language, string>>;

export type MessageKey = keyof typeof catalogue;

/** True for the name of a sentence of the catalogue. */
export function isMessageKey(text: unknown): text is MessageKey {
  return typeof text === "string" && Object.hasOwn(catalogue, text);
}

/**
 * A stored error in `language`: the engine's own from the catalogue by their code, a kind's as it
 * said it.
 */
export function errorSentence(
  error: { code: string; message: string },
  language: Language = "ko",
): string {
  const key = `error_${error.code}`;
  return key in catalogue ? message(key as MessageKey, language) : error.message;
}

/** The catalogue's sentence in `language`, its `{placeholders}` filled. */
export function message(
  key: MessageKey,
  language: Language = "ko",
  values: Record<string, string | number> = {},
): string {
  return catalogue[key][language].replace(/\{(\w+)\}/g, (whole, name: string) =>
    String(values[name] ?? whole),
  );
}
