import type { Language } from "@ilgam/contracts";

/**
 * Who may call a route. `tenant`: whoever is let in as some tenant (the default). `operator`: the
 * admin key. `anyone`: no key asked.
 */
export type Access = "tenant" | "operator" | "anyone";

declare module "fastify" {
  interface FastifyRequest {
    /** Whose jobs the request sees. */
    tenantId: string;
    /** True for the admin key, and for everybody while AUTH_MODE=off. */
    isOperator: boolean;
    /** Korean unless `?lang=en`. */
    language: Language;
  }
  interface FastifyContextConfig {
    access?: Access;
    /** Number of the system that the route belongs to, 1–5. */
    system?: number;
  }
}
