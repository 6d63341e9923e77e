import { z } from "zod";

const timestamp = z.iso.datetime();

/**
 * What a key may do with its tenant's things: `read` them, `submit` (all that changes something).
 * `admin` makes an operator, as ADMIN_API_KEY does.
 */
export const ApiKeyScope = z.enum(["submit", "read", "admin"]);
export type ApiKeyScope = z.infer<typeof ApiKeyScope>;

/** A tenant's id: it stands on every row, and in the log. */
export const TenantId = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/)
  .meta({ description: "1 to 63 of a-z, 0-9 and - (not first or last)." });

const name = z.string().trim().min(1).max(100);

/** `POST /v1/keys`. */
export const ApiKeySubmission = z
  .strictObject({
    /** Made when it is new. */
    tenant: TenantId,
    name,
    scopes: z
      .array(ApiKeyScope)
      .min(1)
      .max(3)
      .transform((scopes) => [...new Set(scopes)]),
    /** Absent: never. */
    expiresAt: z.iso.datetime({ offset: true }).optional(),
  })
  .meta({ id: "ApiKeySubmission" });
export type ApiKeySubmission = z.infer<typeof ApiKeySubmission>;

export const ApiKeyView = z
  .object({
    /** The part of the key that is no secret. */
    id: z.string(),
    tenant: z.string(),
    name: z.string(),
    scopes: z.array(ApiKeyScope),
    status: z.enum(["active", "expired", "revoked"]),
    createdAt: timestamp,
    expiresAt: timestamp.nullable(),
    revokedAt: timestamp.nullable(),
    /** To the minute or so. */
    lastUsedAt: timestamp.nullable(),
  })
  .meta({ id: "ApiKey" });
export type ApiKeyView = z.infer<typeof ApiKeyView>;

/** `POST /v1/tenants`. */
export const TenantSubmission = z
  .strictObject({ id: TenantId, name: name.optional() })
  .meta({ id: "TenantSubmission" });

export const TenantView = z
  .object({ id: z.string(), name: z.string(), createdAt: timestamp })
  .meta({ id: "Tenant" });
export type TenantView = z.infer<typeof TenantView>;
