/** The pace's key of Naver search, one for all processes of an installation. */
export const naverPaceKey = "naver-search";
