import { expect, test } from "vitest";
import { readStorageSettings } from "./settings.ts";

test("without settings files lie in .data/files, an empty variable counting as none", () => {
  const settings = readStorageSettings({ STORAGE_DIR: "", STORAGE_S3_BUCKET: "" });
  expect(settings.dir).toMatch(/^\/.*\/\.data\/files$/);
  expect(settings.s3).toBeUndefined();
});

test("a bucket is asked by path at an endpoint of one's own, by host at Amazon's", () => {
  const s3Of = (env: Record<string, string>) =>
    readStorageSettings({ STORAGE_S3_BUCKET: "b", ...env }).s3;
  expect(s3Of({ STORAGE_S3_ENDPOINT: "http://minio:9000" })?.forcePathStyle).toBe(true);
  expect(s3Of({})).toMatchObject({ forcePathStyle: false, region: "us-east-1" });
  expect(s3Of({})?.credentials).toBeUndefined();
});

test.each([
  [{ STORAGE_S3_ENDPOINT: "minio:9000", STORAGE_S3_BUCKET: "b" }, /^STORAGE_S3_ENDPOINT must be/],
  [{ STORAGE_S3_KEY: "k" }, /^STORAGE_S3_BUCKET is not set/],
  [{ STORAGE_S3_BUCKET: "b", STORAGE_S3_KEY: "k" }, /KEY and STORAGE_S3_SECRET go together/],
  [{ STORAGE_S3_FORCE_PATH_STYLE: "yes" }, /^STORAGE_S3_FORCE_PATH_STYLE must be 0 or 1/],
])("%j is refused by its name", (env, sentence) => {
  expect(() => readStorageSettings(env)).toThrow(sentence);
});
