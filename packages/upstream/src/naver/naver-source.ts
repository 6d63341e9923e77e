/** Naver's searches by our names, with the last part of their paths. */
export const naverPaths = {
  blog: "blog",
  cafe: "cafearticle",
  news: "news",
  kin: "kin",
  webkr: "webkr",
} as const;

export type NaverSource = keyof typeof naverPaths;
