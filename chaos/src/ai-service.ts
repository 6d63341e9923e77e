import { buildSandbox } from "@ilgam/sandbox";
import { atFileEnd, freePort } from "@ilgam/testing";

/** How a service may be away. */
export type Away =
  | { how: "status"; status: number }
  /** Nobody listens. */
  | { how: "refused" }
  /** Takes the call and never answers. */
  | { how: "hang" };

type Call = { path: string; receivedAt: number; idempotencyKey: string | null };

export type AiService = {
  /** Settings for the processes that call it, Naver too. */
  env: Record<string, string>;
  goAway(away: Away): Promise<void>;
  comeBack(): Promise<void>;
  /** Of all times, oldest first. */
  calls(): Promise<Call[]>;
  script(steps: object): Promise<void>;
};

/** An AI service, and Naver's, that can be away. */
export async function startAiService(latencyMs: number): Promise<AiService> {
  const port = await freePort();
  const past: Call[] = [];
  const open = async () => {
    const opened = buildSandbox({ latencyMs });
    await opened.listen({ port, host: "127.0.0.1" });
    return opened;
  };
  let sandbox = await open();
  let isClosed = false;
  atFileEnd("AI service", async () => {
    if (!isClosed) await sandbox.close();
  });
  const logged = async () =>
    (await sandbox.inject({ method: "GET", url: "/__sandbox/calls" })).json().calls as Call[];
  const admin = async (method: "POST" | "DELETE", payload?: object) => {
    const url = "/__sandbox/faults";
    const response = await sandbox.inject({ method, url, ...(payload && { payload }) });
    if (response.statusCode >= 400) throw new Error(response.body);
  };

  return {
    env: {
      OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
      NAVER_BASE_URL: `http://127.0.0.1:${port}`,
      ...{ NAVER_CLIENT_ID: "id", NAVER_CLIENT_SECRET: "secret" },
    },
    goAway: async (away) => {
      if (away.how === "refused") {
        past.push(...(await logged()));
        isClosed = true;
        sandbox.server.closeAllConnections();
        await sandbox.close();
        return;
      }
      const fault =
        away.how === "hang" ? { type: "hang" } : { type: "status", status: away.status };
      await admin("POST", { fault, times: 1_000_000 });
    },
    comeBack: async () => {
      if (isClosed) sandbox = await open();
      else await admin("DELETE");
      isClosed = false;
    },
    calls: async () => [...past, ...(isClosed ? [] : await logged())],
    script: (steps) => admin("POST", steps),
  };
}
