import path from "node:path";
import { z } from "zod";

const text = z.string().min(1).optional();

const Variables = z.object({
  STORAGE_DIR: z.string().min(1).default(".data/files"),
  STORAGE_S3_BUCKET: text,
  STORAGE_S3_ENDPOINT: z
    .url({ protocol: /^https?$/, error: "must be an address such as https://s3.example.com" })
    .optional(),
  STORAGE_S3_REGION: z.string().min(1).default("us-east-1"),
  STORAGE_S3_KEY: text,
  STORAGE_S3_SECRET: text,
  STORAGE_S3_FORCE_PATH_STYLE: z.enum(["0", "1"], { error: "must be 0 or 1" }).optional(),
});

export type S3Settings = {
  bucket: string;
  /** Undefined: Amazon's own for the region. */
  endpoint: string | undefined;
  region: string;
  /** Undefined: what the SDK finds (its variables, files, the machine's role). */
  credentials: { accessKeyId: string; secretAccessKey: string } | undefined;
  forcePathStyle: boolean;
};

export type StorageSettings = {
  /** Absolute. With S3 only what is on its way in lies here. */
  dir: string;
  s3: S3Settings | undefined;
};

/**
 * Where files are kept, by the `STORAGE_` variables; an empty one counts as unset.
 * @throws Error that names each wrong one, one a line
 */
export function readStorageSettings(env: Record<string, string | undefined>): StorageSettings {
  const filled = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const parsed = Variables.safeParse(filled);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join(".")} ${issue.message}`);
    throw new Error(lines.join("\n"));
  }
  const given = parsed.data;
  return { dir: path.resolve(given.STORAGE_DIR), s3: s3Of(given) };
}

function s3Of(given: z.infer<typeof Variables>): S3Settings | undefined {
  const { STORAGE_S3_KEY: key, STORAGE_S3_SECRET: secret, STORAGE_S3_ENDPOINT: endpoint } = given;
  if (given.STORAGE_S3_BUCKET === undefined) {
    if (endpoint === undefined && key === undefined && secret === undefined) return undefined;
    throw new Error("STORAGE_S3_BUCKET is not set, and other STORAGE_S3_ variables are");
  }
  if ((key === undefined) !== (secret === undefined)) {
    throw new Error("STORAGE_S3_KEY and STORAGE_S3_SECRET go together: give both or neither");
  }
  const pathStyle = given.STORAGE_S3_FORCE_PATH_STYLE ?? (endpoint === undefined ? "0" : "1");
  return {
    bucket: given.STORAGE_S3_BUCKET,
    endpoint,
    region: given.STORAGE_S3_REGION,
    credentials: key && secret ? { accessKeyId: key, secretAccessKey: secret } : undefined,
    forcePathStyle: pathStyle === "1",
  };
}
