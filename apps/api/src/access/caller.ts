import { ApiError, type ApiKeyScope } from "@ilgam/contracts";
import type { FastifyContextConfig } from "fastify";
import "../request-decorators.ts";

/** Who sent a request. */
export type Caller = {
  tenantId: string;
  isOperator: boolean;
  /** May make keys that make operators: not with such a key itself. */
  mayMakeAdmins: boolean;
  /** What its key is limited to; null: no key of a tenant, and no limit but the two above. */
  key: { id: string; scopes: readonly ApiKeyScope[] } | null;
  bySession?: boolean;
};

/** Without a key, on the routes that take such callers. */
export const anonymous: Caller = {
  ...{ tenantId: "public", isOperator: false, mayMakeAdmins: false, key: null },
};

/** With ADMIN_API_KEY. */
export const operator: Caller = {
  ...{ tenantId: "default", isOperator: true, mayMakeAdmins: true, key: null },
};

/** Whoever sits at this machine, while AUTH_MODE is off. */
export const local: Caller = { ...operator, tenantId: "public" };

export const isRead = (method: string) => method === "GET" || method === "HEAD";

/** The scope that a route asks for: its own word, else `read` to read and `submit` for the rest. */
export function scopeOf(method: string, config: FastifyContextConfig): ApiKeyScope {
  if (config.access === "operator") return "admin";
  return config.scope ?? (isRead(method) ? "read" : "submit");
}

/** @throws ApiError scope_missing, forbidden */
export function assertMay(caller: Caller, method: string, config: FastifyContextConfig): void {
  if (caller.isOperator) return;
  const needed = scopeOf(method, config);
  if (needed === "admin") throw caller.key ? scopeMissing("admin") : new ApiError("forbidden");
  if (caller.key && !caller.key.scopes.includes(needed)) throw scopeMissing(needed);
}

function scopeMissing(scope: ApiKeyScope): ApiError {
  return new ApiError("scope_missing", { values: { scope } });
}
