import type { Language } from "@ilgam/contracts";
import type { TenantScope } from "@ilgam/db";

/**
 * Who may call a route. `tenant`: whoever is let in as some tenant (the default). `operator`: the
 * admin key. `anyone`: no key asked.
 */
export type Access = "tenant" | "operator" | "anyone";

declare module "fastify" {
  interface FastifyRequest {
    /** Whose the jobs are that the request submits. */
    tenantId: string;
    /** Whose jobs and batches it sees and steers under /v1: its tenant's, an operator all. */
    scope: TenantScope;
    /** True for the admin key, for a login with it, and for everybody while AUTH_MODE=off. */
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
