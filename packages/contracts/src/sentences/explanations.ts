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
    en: "An explanation is already being generated ({status}). Try again when it has ended.",
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
  text_expected: { ko: "문자열이어야 합니다.", en: "It must be text." },
  text_too_long: {
    ko: "최대 {limit}자까지 쓸 수 있습니다.",
    en: "It has more than {limit} characters.",
  },
  option_repeats: { ko: "같은 선택지가 두 번 있습니다.", en: "An option is repeated." },
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
    ko: "{questions: [...]} 형식의 JSON이나, XLSX나 CSV 파일을 file 항목에 담은 multipart/form-data를 보내 주세요.",
    en: "Send JSON as {questions: [...]}, or multipart/form-data with an XLSX or a CSV as its file.",
  },
  answer_names_no_option: {
    ko: "정답이 선택지 가운데 없습니다. 선택지의 내용을 그대로 쓰거나 그 번호(2 또는 ②)를 쓰세요.",
    en: "The answer is none of the options. Give the text of an option, or its number (2 or ②).",
  },
  formula_failed: {
    ko: "수식의 값이 오류({shown})입니다.",
    en: "Its formula is in error ({shown}).",
  },
  formula_without_value: {
    ko: "수식의 값이 파일에 저장되어 있지 않습니다. 엑셀에서 열어 다시 저장하거나 값으로 붙여 넣어 주세요.",
    en: "The value of its formula is not stored in the file. Open and save it in Excel, or paste the value.",
  },
  file_without_questions: {
    ko: "파일에 문제가 없습니다. 머리글 아래에 한 행 이상 있어야 합니다.",
    en: "The file has no questions: at least one row below the header is needed.",
  },
  file_no_table: {
    ko: "CSV도 XLSX도 아닙니다. 엑셀에서 'Excel 통합 문서(.xlsx)'나 'CSV UTF-8' 형식으로 저장해 주세요.",
    en: "This is neither a CSV nor an XLSX. Save it in Excel as 'Excel Workbook (.xlsx)' or 'CSV UTF-8'.",
  },
  sheet_type_refused: {
    ko: "{type} 파일은 읽지 않습니다. 엑셀에서 연 다음 '다른 이름으로 저장'에서 'Excel 통합 문서(.xlsx)'를 골라 저장해 주세요.",
    en: "{type} files are not read. Open it in Excel and save it as 'Excel Workbook (.xlsx)'.",
  },
  sheet_encrypted: {
    ko: "암호가 걸린 파일입니다. 엑셀에서 암호를 지우고 저장해 주세요.",
    en: "The file is protected by a password. Remove it in Excel and save the file.",
  },
  sheet_corrupt: {
    ko: "XLSX로 읽을 수 없는 파일입니다. 엑셀에서 열어 'Excel 통합 문서(.xlsx)'로 다시 저장해 주세요.",
    en: "The file cannot be read as XLSX. Open it in Excel and save it as 'Excel Workbook (.xlsx)'.",
  },
  sheet_too_large: {
    ko: "XLSX의 글이 너무 많습니다. 최대 {limit}자입니다. 파일을 나누어 주세요.",
    en: "The XLSX holds too much text. The limit is {limit} characters. Divide it.",
  },
  sheet_too_heavy: {
    ko: "XLSX를 펼치기에 너무 큽니다. 문제가 있는 시트만 남겨 저장하거나 'CSV UTF-8'로 저장해 주세요.",
    en: "The XLSX is too large to unpack. Keep the sheet with the questions alone, or save it as 'CSV UTF-8'.",
  },
  sheet_unknown: {
    ko: "'{name}' 시트가 없습니다. 있는 시트: {names}",
    en: "There is no sheet '{name}'. There are: {names}",
  },
  sheets_several: {
    ko: "문제가 있는 시트가 여럿입니다({names}). 하나만 남기거나 sheet 항목에 시트 이름을 써 주세요.",
    en: "Several sheets have questions ({names}). Keep one, or name it in the field 'sheet'.",
  },
  csv_encoding: {
    ko: "문자 인코딩을 알 수 없습니다. UTF-8이나 CP949(EUC-KR)로 저장해 주세요.",
    en: "The encoding is neither UTF-8 nor CP949 (EUC-KR). Save it as UTF-8.",
  },
  csv_malformed: {
    ko: "{line}번째 줄에서 CSV 형식이 깨져 있습니다. 큰따옴표의 짝을 확인해 주세요.",
    en: "Line {line} is no valid CSV. Check that its double quotes are closed.",
  },
  csv_row_too_large: {
    ko: "{line}번째 줄의 행이 너무 깁니다. 큰따옴표의 짝을 확인해 주세요.",
    en: "The row at line {line} is too long. Check that its double quotes are closed.",
  },
  header_missing: {
    ko: "머리글에 다음 이름이 없습니다: {names}",
    en: "The header lacks these names: {names}",
  },
  header_repeats: {
    ko: "머리글에 {name}이(가) 두 번 있습니다.",
    en: "The header names {name} twice.",
  },
  remark_row: { ko: "원래 행", en: "original row" },
  remark_reason: { ko: "고칠 점", en: "to be corrected" },
  refused_rows_file: { ko: "고칠 문제.csv", en: "questions to correct.csv" },
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
