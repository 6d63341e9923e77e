/** An error as Naver's open API sends it. */
export type NaverError = { status: number; body: { errorMessage: string; errorCode: string } };

function naverError(status: number, errorCode: string, errorMessage: string): NaverError {
  return { status, body: { errorMessage, errorCode } };
}

export const invalidQuery = naverError(
  400,
  "SE01",
  "Incorrect query request (잘못된 쿼리요청입니다.)",
);
export const invalidDisplay = naverError(
  400,
  "SE02",
  "Invalid display value (부적절한 display 값입니다.)",
);
export const invalidStart = naverError(
  400,
  "SE03",
  "Invalid start value (부적절한 start 값입니다.)",
);
export const invalidSort = naverError(400, "SE04", "Invalid sort value (부적절한 sort 값입니다.)");
export const unknownSearch = naverError(
  404,
  "SE05",
  "Invalid search api (존재하지 않는 검색 api 입니다.)",
);
export const malformedEncoding = naverError(
  400,
  "SE06",
  "Malformed encoding (잘못된 형식의 인코딩입니다.)",
);
export const missingClientId = naverError(
  401,
  "024",
  "Not Exist Client ID : Authentication failed. (인증에 실패했습니다.)",
);
export const missingClientSecret = naverError(
  401,
  "024",
  "Not Exist Client Secret : Authentication failed. (인증에 실패했습니다.)",
);
export const rateLimitError = naverError(
  429,
  "012",
  "Rate limit exceeded. (속도 제한을 초과했습니다.)",
);

const byStatus: Record<number, NaverError> = {
  400: invalidQuery,
  401: naverError(
    401,
    "024",
    "NID AUTH Result Invalid (1000) : Authentication failed. (인증에 실패했습니다.)",
  ),
  403: naverError(
    403,
    "024",
    "Scope Status Invalid : Authentication failed. (인증에 실패했습니다.)",
  ),
  404: unknownSearch,
  429: rateLimitError,
};

/** The body Naver sends with `status`; SE99 for statuses without a code of their own. */
export function naverErrorFor(status: number): NaverError["body"] {
  return (byStatus[status] ?? naverError(status, "SE99", "System Error (시스템 에러)")).body;
}
