-- Who may come in. Rows elsewhere carry the tenant's id without a foreign key: a job's insert asks
-- for no other row.
CREATE TABLE "tenants" (
  "id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "tenants_pkey" PRIMARY KEY ("id")
);
-- Callers without a key, and the operator's own.
INSERT INTO "tenants" ("id", "name") VALUES ('public', 'public'), ('default', 'default');

CREATE TABLE "api_keys" (
  "id" TEXT NOT NULL,
  "tenant_id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "hash" BYTEA NOT NULL,
  "scopes" TEXT[],
  "expires_at" TIMESTAMPTZ(3),
  "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "revoked_at" TIMESTAMPTZ(3),
  "last_used_at" TIMESTAMPTZ(3),
  CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id"),
  CONSTRAINT "api_keys_scopes" CHECK ("scopes" <@ ARRAY['submit', 'read', 'admin'] AND cardinality("scopes") > 0),
  CONSTRAINT "api_keys_hash" CHECK (octet_length("hash") = 32)
);
CREATE INDEX "api_keys_created" ON "api_keys" ("created_at" DESC, "id" DESC);
