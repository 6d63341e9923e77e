import { randomUUID, scryptSync } from "node:crypto";
import fastifyCookie from "@fastify/cookie";
import { isSameKey } from "@ilgam/access";

export type NewSession = { token: string; lifetimeSeconds: number };

/** Logins with the admin key. Nothing is kept: a token tells by itself until when it holds. */
export type AdminSessions = {
  isKey(given: string): boolean;
  /** A token to be kept by the browser. */
  begin(): NewSession;
  /** When the session ends; undefined for a token that is not ours, was changed or has expired. */
  endOf(token: string): Date | undefined;
};

export type AdminSessionOptions = {
  adminApiKey: string;
  hours: number;
  /** Unix milliseconds; default: the clock. */
  now?: () => number;
};

/**
 * Sessions that every API process with the same admin key accepts, and none with another: a new
 * key ends them all. Deriving the signing key costs some 50 ms, so that a stolen token is a slow
 * way of guessing the admin key.
 */
export function createAdminSessions(options: AdminSessionOptions): AdminSessions {
  const { adminApiKey, hours, now = Date.now } = options;
  const signer = new fastifyCookie.Signer(scryptSync(adminApiKey, "ilgam admin session", 32));
  return {
    isKey: (given) => isSameKey(given, adminApiKey),
    begin: () => {
      const lifetimeSeconds = hours * 3_600;
      const expiresAt = now() + lifetimeSeconds * 1_000;
      return { token: signer.sign(`${expiresAt}.${randomUUID()}`), lifetimeSeconds };
    },
    endOf: (token) => {
      const { valid, value } = signer.unsign(token);
      const expiresAt = valid ? Number.parseInt(value, 10) : Number.NaN;
      return expiresAt > now() ? new Date(expiresAt) : undefined;
    },
  };
}
