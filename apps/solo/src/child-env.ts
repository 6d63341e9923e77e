import type { SoloEnv } from "./env.ts";

export type Addresses = {
  databaseUrl: string;
  /** Null when the caller's environment says where Redis is. */
  redisUrl: string | null;
  /** Of the API. */
  port: number;
  /** Null when every provider is real. */
  sandboxPort: number | null;
  /** Where uploads are kept unless STORAGE_DIR says otherwise. */
  filesDir: string;
};

export type Provider = { name: string; real: boolean; baseUrl: string | null };
export type Providers = { naver: Provider; openai: Provider };

/** Real as soon as the operator gives a key or an address; the sandbox otherwise. */
export function chooseProviders(env: SoloEnv): Providers {
  const naver = env.NAVER_PROVIDER
    ? env.NAVER_PROVIDER === "naver"
    : Boolean(env.NAVER_CLIENT_ID || env.NAVER_BASE_URL);
  const openai = Boolean(env.OPENAI_API_KEY || env.OPENAI_BASE_URL);
  return {
    naver: { name: "Naver search", real: naver, baseUrl: env.NAVER_BASE_URL ?? null },
    openai: { name: "AI models", real: openai, baseUrl: env.OPENAI_BASE_URL ?? null },
  };
}

/** What the API, the workers and the sandbox are started with: the caller's environment and this. */
export function childEnv(
  inherited: NodeJS.ProcessEnv,
  env: SoloEnv,
  { databaseUrl, redisUrl, port, sandboxPort, filesDir }: Addresses,
): NodeJS.ProcessEnv {
  const { naver, openai } = chooseProviders(env);
  const sandbox = `http://127.0.0.1:${sandboxPort}`;
  return {
    ...inherited,
    DATABASE_URL: databaseUrl,
    ...(redisUrl !== null && { REDIS_URL: redisUrl }),
    PORT: String(port),
    HOST: env.HOST,
    AUTH_MODE: env.AUTH_MODE,
    STORAGE_DIR: inherited.STORAGE_DIR || filesDir,
    NAVER_PROVIDER: naver.real ? "naver" : "sandbox",
    ...(naver.real
      ? {}
      : {
          NAVER_BASE_URL: sandbox,
          NAVER_CLIENT_ID: "sandbox",
          NAVER_CLIENT_SECRET: "sandbox",
        }),
    ...(openai.real ? {} : { OPENAI_BASE_URL: `${sandbox}/v1`, OPENAI_API_KEY: "sandbox" }),
  };
}
