import type { Sentences } from "./sentences.ts";

/** What system 1, explanations, says. */
export const explanationSentences = {
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
  question_edited: {
    ko: "해설하는 동안 문제가 바뀌어 새 내용으로 다시 해설합니다.",
    en: "The question was edited while it was explained: it is explained again.",
  },
  error_question_gone: {
    ko: "해설할 문제를 찾을 수 없습니다.",
    en: "There is no such question to explain.",
  },
  error_question_not_its_own: {
    ko: "이 문제의 해설은 이 작업이 맡고 있지 않습니다(선생님이 고쳤거나 다른 작업이 맡았습니다). 다시 만들려면 POST /admin/questions/:id/regenerate-explanation을 쓰세요.",
    en: "This job is not the one that explains the question: a teacher or another job has. POST /admin/questions/:id/regenerate-explanation makes a new one.",
  },
} as const satisfies Sentences;
