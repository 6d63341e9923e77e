import type { Sentences } from "./sentences.ts";

/** What system 4, AI jobs, says. */
export const aiJobSentences = {
  // A literal of system 4's document, whatever the language.
  ai_job_not_found: { ko: "Job not found", en: "Job not found" },
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
    en: "Started (attempt {attempt}).",
  },
  ai_log_retry: {
    ko: "{attempt}번째 시도가 실패했습니다. {seconds}초 뒤에 다시 시도합니다.",
    en: "Attempt {attempt} failed. The next one starts in {seconds} s.",
  },
  ai_log_put_off: { ko: "{seconds}초 뒤로 미뤘습니다.", en: "Snoozed for {seconds} s." },
  ai_log_held: {
    ko: "필요한 서비스가 돌아올 때까지 기다립니다.",
    en: "Held until a service that it needs is back.",
  },
  ai_log_given_back: {
    ko: "작업자가 멈추어 대기열로 돌아갔습니다.",
    en: "Back in the queue: its worker stopped.",
  },
  ai_log_cancel_asked: { ko: "취소를 요청했습니다.", en: "Cancel requested." },
  ai_log_completed: { ko: "완료했습니다.", en: "Completed." },
  ai_log_failed: { ko: "실패했습니다.", en: "Failed." },
  ai_log_step: { ko: "단계를 저장했습니다: {name}", en: "Step stored: {name}" },
  flag_form: { ko: "true 또는 false여야 합니다.", en: "It must be true or false." },
} as const satisfies Sentences;
