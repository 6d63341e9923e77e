import { createReadStream } from "node:fs";
import { unlink } from "node:fs/promises";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import type { ObjectStore } from "./object-store.ts";
import type { S3Settings } from "./settings.ts";
import { StorageError, unavailable } from "./storage-error.ts";

/** Times that a store which fails is asked again for an upload; the SDK repeats the rest itself. */
const uploadTries = 3;

const silent = () => undefined;

function clientOf({ endpoint, region, credentials, forcePathStyle }: S3Settings): S3Client {
  return new S3Client({
    region,
    forcePathStyle,
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials && { credentials }),
    // Checksums in trailers, the SDK's default, are unknown to most other stores.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // What fails is thrown; the SDK would also write it to the console.
    logger: { trace: silent, debug: silent, info: silent, warn: silent, error: silent },
    requestHandler: { connectionTimeout: 3_000, socketTimeout: 30_000 },
  });
}

/** Files in a bucket; `onRead` is told the bytes of each chunk that goes up. */
export function createS3Objects(
  settings: S3Settings,
  onRead: (bytes: number) => void,
): ObjectStore {
  const client = clientOf(settings);
  const { bucket: Bucket } = settings;
  const upload = (Key: string, path: string, ContentLength: number) => {
    const Body = Readable.from(chunksOf(path, onRead), { objectMode: false });
    const aborted = new AbortController();
    // The SDK pipes the body and listens to none of its errors.
    const broken = new Promise<never>((_, reject) => {
      Body.once("error", (error) => {
        reject(error);
        aborted.abort();
      });
    });
    const command = new PutObjectCommand({ Bucket, Key, Body, ContentLength });
    const sent = client.send(command, { abortSignal: aborted.signal });
    return Promise.race([sent, broken]).finally(() => Body.destroy());
  };
  return {
    take: async (key, path, bytes) => {
      // One request with its length: whole or nothing, no parts that somebody has to collect.
      await repeated(() => upload(key, path, bytes));
      await unlink(path);
    },
    open: async (Key, abortSignal) => {
      try {
        const command = new GetObjectCommand({ Bucket, Key });
        const { Body } = await client.send(command, abortSignal ? { abortSignal } : {});
        if (Body instanceof Readable) return Body;
        throw new Error("the answer has no body");
      } catch (error) {
        abortSignal?.throwIfAborted();
        throw statusOf(error) === 404 ? new StorageError("missing", error) : unavailable(error);
      }
    },
    delete: async (Key) => {
      try {
        await client.send(new DeleteObjectCommand({ Bucket, Key }));
      } catch (error) {
        if (statusOf(error) !== 404) throw unavailable(error);
      }
    },
    check: () => checkBucket(client, settings),
    close: () => client.destroy(),
  };
}

async function* chunksOf(path: string, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    onRead(chunk.length);
    yield chunk;
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

/** A body that was read once cannot be sent again, so each try gets a new one. */
async function repeated(work: () => Promise<unknown>): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      await work();
      return;
    } catch (error) {
      const status = statusOf(error);
      const refused = status !== undefined && status < 500 && status !== 429;
      if (refused || tried === uploadTries) throw unavailable(error);
      await delay(200 * tried);
    }
  }
}

async function checkBucket(client: S3Client, settings: S3Settings): Promise<void> {
  const { bucket, endpoint = "Amazon S3" } = settings;
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket }));
  } catch (error) {
    const status = statusOf(error);
    const fault = (sentence: string) => new Error(sentence, { cause: error });
    if (status === 404) throw fault(`STORAGE_S3_BUCKET: ${endpoint} has no bucket "${bucket}"`);
    if (status === 401 || status === 403) {
      throw fault(
        `STORAGE_S3_KEY and STORAGE_S3_SECRET: ${endpoint} does not let them use "${bucket}"`,
      );
    }
    if (status === 301 || status === 400) {
      throw fault(`STORAGE_S3_REGION or STORAGE_S3_ENDPOINT is not that of bucket "${bucket}"`);
    }
    throw unavailable(error);
  }
}
