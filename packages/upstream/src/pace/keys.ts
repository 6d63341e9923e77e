/** The pace's key of Naver search, one for all processes of an installation. */
export const naverPaceKey = "naver-search";

/** The pace's key of the AI service, one for all processes of an installation. */
export const aiPaceKey = "openai";

/** Of a server of its own for embeddings. */
export const embeddingPaceKey = "embedding";
