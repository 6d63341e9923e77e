import type { Sentences } from "./sentences.ts";

/** What operators read: the board's login, limits by time, schedules, the checklist. */
export const operationSentences = {
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
  board_unavailable: {
    ko: "Redis가 응답하지 않아 큐를 보여 줄 수 없습니다. 작업은 계속 접수되며 잃지 않습니다. 잠시 후 다시 여십시오.",
    en: "Redis does not answer, so the queues cannot be shown. Jobs are accepted all the same and none is lost. Open this page again in a moment.",
  },
  board_again: { ko: "다시 열기", en: "Open again" },
  board_deliveries: {
    ko: "작업이 아니라 전달 기록입니다.",
    en: "Deliveries, not jobs.",
  },
  board_schedules: {
    ko: "예약된 시각을 알리는 기록입니다.",
    en: "Ticks of the schedules.",
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
} as const satisfies Sentences;
