import type { Sentences } from "./sentences.ts";

/** What system 5, images and tables, says. */
export const imageSentences = {
  model_not_allowed: {
    ko: "쓸 수 없는 모델입니다. 쓸 수 있는 모델: {allowed}",
    en: "This model may not be used. Allowed: {allowed}",
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
  csv_of_tables: {
    ko: "csv는 표 추출 결과에만 쓸 수 있습니다.",
    en: "csv is for extracted tables only.",
  },
  table_unknown: {
    ko: "그 번호의 표가 없습니다. 표는 {count}개입니다.",
    en: "There is no table of this number. There are {count}.",
  },
} as const satisfies Sentences;
