import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { RouteDependencies } from "../../routing/route-dependencies.ts";
import {
  builtInPrompt,
  type PromptVersion,
  promptName,
  readPromptVersions,
  writePrompt,
} from "../system-prompts.ts";
import * as http from "./schemas.ts";

const tags = ["explanations"];

const viewOf = ({ createdAt, ...prompt }: PromptVersion) => ({
  ...prompt,
  createdAt: createdAt.toISOString(),
});

/** The system prompt that explanations are asked by, and its versions. */
export function promptRoutes({ db }: RouteDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      "/admin/system-prompts",
      {
        schema: {
          ...{
            tags,
            operationId: "listSystemPrompts",
            summary: "The system prompts, each with its versions, newest first",
          },
          response: { 200: http.PromptList },
        },
      },
      async ({ tenantId }) => {
        const own = await readPromptVersions(db.sql, tenantId);
        const builtIn = { ...builtInPrompt, createdAt: null };
        const versions = [...own.map(viewOf), builtIn];
        const newest = { name: promptName, ...(versions[0] ?? builtIn) };
        return { success: true as const, data: [{ ...newest, versions }] };
      },
    );
    app.put(
      `/admin/system-prompts/${promptName}`,
      {
        schema: {
          ...{
            tags,
            operationId: "updateSystemPrompt",
            summary: "Give the system prompt a new version, used by the next job",
          },
          ...{ body: http.PromptBody, response: { 200: http.PromptAnswer } },
        },
      },
      async ({ tenantId, body }) => {
        const written = await writePrompt(db.sql, tenantId, body.content);
        return { success: true as const, data: { name: promptName, ...viewOf(written) } };
      },
    );
  };
}
