import { z } from "zod";

/**
 * The outside services that jobs need, by the names of their keys: the AI service, a server of its
 * own for embeddings, Naver's search, the operator's data service, and the store of the files.
 */
export const ProviderName = z
  .enum(["openai", "embedding", "naver-search", "data", "storage"])
  .meta({ id: "ProviderName" });
export type ProviderName = z.infer<typeof ProviderName>;
