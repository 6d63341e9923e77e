import type { Sentences } from "./sentences.ts";

/** What system 2, document counts, says. */
export const documentCountSentences = {
  batch_not_found: { ko: "배치 작업을 찾을 수 없습니다.", en: "There is no such batch." },
  batch_started: { ko: "배치 작업이 시작되었습니다", en: "The batch has started" },
  batch_cancelled: { ko: "배치 작업이 취소되었습니다", en: "The batch was cancelled" },
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
  keyword_in_flight: {
    ko: "같은 키워드를 조회하고 있는 다른 작업을 기다립니다.",
    en: "Waiting for another job that is looking up the same keyword.",
  },
} as const satisfies Sentences;
