import { attachment } from "@ilgam/storage";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { formFile } from "../../../uploads/form-file.ts";
import { templateFile } from "./template.ts";

const TemplateQuery = z.object({ format: z.enum(["xlsx", "csv"]).default("xlsx") });

const mediaTypes = {
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  csv: "text/csv; charset=utf-8",
};

/** The file is sent as it is: its schemas are for the description. */
const described: Record<number, unknown> = {
  200: {
    description: "The file.",
    content: { [mediaTypes.xlsx]: { schema: formFile }, "text/csv": { schema: z.string() } },
  },
};

/** The file that teachers fill in and upload. */
export function templateRoute(): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      "/admin/questions/template",
      {
        schema: {
          tags: ["explanations"],
          operationId: "getQuestionTemplate",
          summary: "Download a file to fill in with questions, as XLSX or CSV",
          querystring: TemplateQuery,
          response: described,
        },
      },
      async ({ query: { format } }, reply) => {
        const file = await templateFile(format);
        return reply
          .type(mediaTypes[format])
          .header("content-disposition", attachment(`문제 양식.${format}`))
          .send(file);
      },
    );
  };
}
