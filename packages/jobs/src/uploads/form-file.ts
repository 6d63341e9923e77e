import { z } from "zod";

declare module "fastify" {
  interface FastifySchema {
    /**
     * The fields of a form, for the API's description only: the handler reads the form itself, so that
     * files need not fit into memory. Where there is no `body`, of every type that is in `consumes`.
     */
    form?: z.ZodType;
  }
}

/** A file of a form, as the API's description says it; nothing is ever parsed with it. */
export const formFile = z.string().meta({ format: "binary", description: "The file's content." });

/** Media type of a route that takes a form. */
export const formOnly = ["multipart/form-data"];
