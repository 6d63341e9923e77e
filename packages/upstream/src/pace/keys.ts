import type { ProviderName } from "@ilgam/contracts";

/** The pace's key of Naver search, one for all processes of an installation. */
export const naverPaceKey: ProviderName = "naver-search";

/** The pace's key of the AI service, one for all processes of an installation. */
export const aiPaceKey: ProviderName = "openai";

/** Of a server of its own for embeddings. */
export const embeddingPaceKey: ProviderName = "embedding";

/** Of the operator's own data service. */
export const dataPaceKey: ProviderName = "data";

/** Of the store that files lie in. */
export const storagePaceKey: ProviderName = "storage";
