import type { Language } from "@ilgam/contracts";

/** Every sentence an upstream call can leave in a job's error or in `waitingOn`, once. */
const catalogue = {
  rate_limited: {
    ko: "외부 API가 잠시 쉬라고 했습니다(호출 속도 초과).",
    en: "The upstream API asked us to slow down.",
  },
  quota_exhausted: {
    ko: "외부 API의 하루 호출 한도를 모두 썼습니다.",
    en: "The daily quota of the upstream API is spent.",
  },
  daily_quota: {
    ko: "하루 호출 한도 {quota}회를 모두 썼습니다.",
    en: "The daily quota of {quota} calls is spent.",
  },
  pace_full: {
    ko: "허용된 호출 속도에 맞춰 차례를 기다립니다.",
    en: "Waiting for a turn at the permitted pace.",
  },
  tokens_full: {
    ko: "허용된 분당 토큰 한도에 맞춰 차례를 기다립니다.",
    en: "Waiting for a turn within the permitted tokens per minute.",
  },
  calls_full: {
    ko: "동시에 허용된 호출이 모두 진행 중이라 차례를 기다립니다.",
    en: "Waiting for a turn: as many calls as permitted are under way.",
  },
  unauthorized: {
    ko: "네이버 검색 API가 인증을 거부했습니다. 환경 변수 NAVER_CLIENT_ID와 NAVER_CLIENT_SECRET, 그리고 앱의 검색 API 사용 설정을 확인하세요.",
    en: "The Naver Search API refused the credentials. Check the environment variables NAVER_CLIENT_ID and NAVER_CLIENT_SECRET, and that the application may use the Search API.",
  },
  bad_request: {
    ko: "네이버 검색 API가 요청을 거부했습니다({status} {errorCode}).",
    en: "The Naver Search API refused the request ({status} {errorCode}).",
  },
  server_error: {
    ko: "네이버 검색 API에 오류가 생겼습니다({status}).",
    en: "The Naver Search API failed ({status}).",
  },
  timeout: {
    ko: "네이버 검색 API가 {seconds}초 안에 답하지 않았습니다.",
    en: "The Naver Search API did not answer within {seconds} seconds.",
  },
  network: {
    ko: "네이버 검색 API와의 연결이 끊겼습니다.",
    en: "The connection to the Naver Search API broke.",
  },
  malformed: {
    ko: "네이버 검색 API의 응답을 읽을 수 없습니다.",
    en: "The Naver Search API gave an answer that cannot be read.",
  },
} as const satisfies Record<string, Record<Language, string>>;

export type SentenceKey = keyof typeof catalogue;

/** The catalogue's sentence, its `{placeholders}` filled. Korean by default, as the clients are. */
export function sentence(
  key: SentenceKey,
  values: Record<string, string | number> = {},
  language: Language = "ko",
): string {
  return catalogue[key][language].replace(/\{(\w+)\}/g, (whole, name: string) =>
    String(values[name] ?? whole),
  );
}
