import type { ApiKeyScope, Language } from "@ilgam/contracts";
import type { TenantScope } from "@ilgam/db";

/**
 * Who may call a route. `tenant`: whoever is let in as some tenant (the default). `operator`: the
 * admin key, or a key with the scope `admin`. `anyone`: no key asked.
 */
export type Access = "tenant" | "operator" | "anyone";

declare module "fastify" {
  interface FastifyRequest {
    /** Whose the jobs are that the request submits. */
    tenantId: string;
    /** Whose jobs and batches it sees and steers under /v1: its tenant's, an operator all. */
    scope: TenantScope;
    /** True for the admin key, a login with it, keys with the scope `admin`, and for everybody while AUTH_MODE=off. */
    isOperator: boolean;
    /** False for operators by a key of their own. */
    mayMakeAdmins: boolean;
    /** Id of the API key that let it in, if one did. */
    callerId: string | undefined;
    /** Korean unless `?lang=en`. */
    language: Language;
  }
  interface FastifyContextConfig {
    access?: Access;
    /** What a tenant's key needs for it; default: `read` for GET and HEAD, `submit` for the rest. */
    scope?: ApiKeyScope;
    /** Number of the system that the route belongs to, 1–5. */
    system?: number;
  }
}
