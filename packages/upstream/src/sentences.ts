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
  ai_rate_limited: {
    ko: "AI 서비스가 잠시 쉬라고 했습니다(호출 속도 초과).",
    en: "The AI service asked us to slow down.",
  },
  ai_exhausted: {
    ko: "AI 서비스가 알린 호출 한도에 닿아 차례를 기다립니다.",
    en: "Waiting: the AI service says that its limit is reached.",
  },
  ai_quota_exhausted: {
    ko: "AI 서비스의 사용 한도나 잔액을 모두 썼습니다. 결제와 한도 설정을 확인하세요.",
    en: "The quota or balance at the AI service is spent. Check its billing and limits.",
  },
  ai_unauthorized: {
    ko: "AI 서비스가 인증을 거부했습니다. 환경 변수 OPENAI_API_KEY와 OPENAI_BASE_URL을 확인하세요.",
    en: "The AI service refused the credentials. Check the environment variables OPENAI_API_KEY and OPENAI_BASE_URL.",
  },
  ai_bad_request: {
    ko: "AI 서비스가 요청을 거부했습니다({status} {errorCode}).",
    en: "The AI service refused the request ({status} {errorCode}).",
  },
  ai_model_unknown: {
    ko: "AI 서비스에서 모델 {model}을(를) 찾지 못했습니다. 환경 변수 OPENAI_MODEL과 OPENAI_BASE_URL을 확인하세요.",
    en: "The AI service has no model {model}. Check the environment variables OPENAI_MODEL and OPENAI_BASE_URL.",
  },
  ai_too_long: {
    ko: "입력이 AI 모델이 받을 수 있는 길이를 넘습니다.",
    en: "The input is longer than the AI model takes.",
  },
  ai_server_error: {
    ko: "AI 서비스에 오류가 생겼습니다({status}).",
    en: "The AI service failed ({status}).",
  },
  ai_timeout: {
    ko: "AI 서비스가 {seconds}초 안에 답하지 않았습니다.",
    en: "The AI service did not answer within {seconds} seconds.",
  },
  ai_network: {
    ko: "AI 서비스와의 연결이 끊겼습니다.",
    en: "The connection to the AI service broke.",
  },
  ai_malformed: {
    ko: "AI 서비스의 응답을 읽을 수 없습니다.",
    en: "The AI service gave an answer that cannot be read.",
  },
  ai_unreadable: {
    ko: "AI 서비스의 응답을 읽을 수 없습니다: {shape}.",
    en: "The AI service gave an answer that cannot be read: {shape}.",
  },
  shape_empty: { ko: "빈 응답", en: "an empty body" },
  shape_html: { ko: "HTML 페이지", en: "an HTML page" },
  shape_text: { ko: "JSON이 아닌 글", en: "text that is not JSON" },
  shape_cut: { ko: "중간에 끊긴 JSON", en: "JSON without its end" },
  shape_broken: { ko: "깨진 JSON", en: "broken JSON" },
  shape_stream_cut: { ko: "끝이 없는 이벤트 스트림", en: "an event stream without an end" },
  shape_unknown: { ko: "모르는 형식의 JSON({fields})", en: "JSON of an unknown form ({fields})" },
  shape_no_choices: { ko: "빈 choices", en: "empty choices" },
  shape_no_text: { ko: "글이 없는 답변", en: "an answer without text" },
  shape_reasoning_only: { ko: "추론뿐이고 답이 없는 답변", en: "reasoning without an answer" },
  shape_tool_call: { ko: "글 대신 도구 호출", en: "a tool call in place of text" },
  ai_refused: {
    ko: "AI 모델이 답변을 거절했습니다.",
    en: "The AI model refused to answer.",
  },
  ai_content_filter: {
    ko: "AI 서비스의 콘텐츠 필터가 이 요청을 막았습니다.",
    en: "The AI service's content filter blocked this request.",
  },
  ai_answer_cut: {
    ko: "AI 답변이 최대 길이({maxTokens}토큰)에서 끊겼습니다.",
    en: "The AI model's answer was cut at its longest length ({maxTokens} tokens).",
  },
  ai_answer_invalid: {
    ko: "AI 답변이 정해진 형식에 맞지 않습니다.",
    en: "The AI model's answer does not fit the required form.",
  },
  provider_held: {
    ko: "{cause} 복구될 때까지 기다립니다({provider}, {since}부터).",
    en: "{cause} Waiting until it is over ({provider}, since {since}).",
  },
  provider_recovering: {
    ko: "외부 서비스({provider})가 돌아와 호출을 조금씩 늘리는 중이라 차례를 기다립니다.",
    en: "The service ({provider}) is back and is called little by little: waiting for a turn.",
  },
  webhook_network: {
    ko: "콜백 주소에 연결할 수 없거나 연결이 끊겼습니다.",
    en: "The callback's receiver cannot be reached, or the connection broke.",
  },
  webhook_timeout: {
    ko: "콜백 주소가 {seconds}초 안에 답하지 않았습니다.",
    en: "The callback's receiver did not answer within {seconds} seconds.",
  },
  data_rate_limited: {
    ko: "데이터 서비스(AI_DATA_URL)가 잠시 쉬라고 했습니다.",
    en: "The data service (AI_DATA_URL) asked us to slow down.",
  },
  data_refused: {
    ko: "데이터 서비스(AI_DATA_URL)가 데이터를 주지 않았습니다({status}).",
    en: "The data service (AI_DATA_URL) gave no data ({status}).",
  },
  data_timeout: {
    ko: "데이터 서비스(AI_DATA_URL)가 {seconds}초 안에 답하지 않았습니다.",
    en: "The data service (AI_DATA_URL) did not answer within {seconds} seconds.",
  },
  data_network: {
    ko: "데이터 서비스(AI_DATA_URL)와의 연결이 끊겼습니다.",
    en: "The connection to the data service (AI_DATA_URL) broke.",
  },
  data_malformed: {
    ko: "데이터 서비스(AI_DATA_URL)의 응답이 JSON이 아닙니다.",
    en: "The data service (AI_DATA_URL) answered no JSON.",
  },
  data_too_large: {
    ko: "데이터 서비스(AI_DATA_URL)의 응답이 {limit}바이트를 넘습니다.",
    en: "The data service (AI_DATA_URL) answered more than {limit} bytes.",
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
