import { createHash } from "node:crypto";
import { readdir, rm, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { hasSwift, startOwnSwift, temporaryDirectory } from "@ilgam/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { createStorage, type Storage } from "./create-storage.ts";
import { readStorageSettings } from "./settings.ts";

type Subject = { storage: Storage; dir: string; stored(): Promise<string[]> };

const filesIn = async (dir: string) => {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
};

async function onDisk(): Promise<Subject> {
  const dir = await temporaryDirectory("storage");
  const settings = readStorageSettings({ STORAGE_DIR: dir });
  return {
    storage: createStorage(settings),
    dir,
    stored: () => filesIn(path.join(dir, "objects")),
  };
}

// Without its S3 server a developer's machine tests the disk only; CI has to have it.
const swift = hasSwift() ? await startOwnSwift() : undefined;
let buckets = 0;

async function onS3(more: Record<string, string> = {}): Promise<Subject> {
  if (!swift) throw new Error("no S3 server");
  const dir = await temporaryDirectory("storage");
  buckets += 1;
  const Bucket = `bucket${buckets}`;
  const client = new S3Client({
    ...{ endpoint: swift.endpoint, region: "us-east-1", forcePathStyle: true },
    credentials: { accessKeyId: swift.key, secretAccessKey: swift.secret },
  });
  await client.send(new CreateBucketCommand({ Bucket }));
  const settings = readStorageSettings({
    ...{ STORAGE_DIR: dir, STORAGE_S3_BUCKET: Bucket, STORAGE_S3_ENDPOINT: swift.endpoint },
    ...{ STORAGE_S3_KEY: swift.key, STORAGE_S3_SECRET: swift.secret },
    ...more,
  });
  const stored = async () => {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
    return Contents.map(({ Key }) => Key ?? "");
  };
  return { storage: createStorage(settings), dir, stored };
}

const limit = { maxBytes: 1_000_000 };
const subjects: [string, () => Promise<Subject>][] = [["disk", onDisk]];
if (swift) subjects.push(["S3", onS3]);

describe.each(subjects)("on %s", (_, make) => {
  let subject: Subject;
  let storage: Storage;
  beforeEach(async () => {
    subject = await make();
    ({ storage } = subject);
  });
  const expectNothingLeft = async () => {
    expect(await filesIn(subject.dir)).toEqual([]);
    expect(await subject.stored()).toEqual([]);
  };

  test("what comes in comes out again, known by its own random name", async () => {
    const content = Buffer.from("가나다".repeat(50_000));
    const received = await storage.receive(Readable.from([content]), limit);
    expect(received).toMatchObject({
      bytes: content.length,
      sha256: createHash("sha256").update(content).digest("hex"),
      mediaType: "text/plain",
    });
    expect(await subject.stored()).toEqual([]);
    await received.keep();
    expect(await buffer(await storage.open(received.key))).toEqual(content);
    expect(received.key).toMatch(/^[0-9a-f]{2}\/[0-9a-f]{2}\/[0-9a-f]{28}$/);
    expect(await filesIn(path.join(subject.dir, "incoming"))).toEqual([]);
    expect(await subject.stored()).toHaveLength(1);
  });

  test("50 MB pass through whole", { timeout: 60_000 }, async () => {
    const chunk = Buffer.alloc(1_048_576, "%PDF-1.7\n");
    const source = Readable.from(Array.from({ length: 50 }, () => chunk));
    const received = await storage.receive(source, { maxBytes: 52_428_800 });
    expect([received.bytes, received.mediaType]).toEqual([52_428_800, "application/pdf"]);
    await received.keep();
    const hash = createHash("sha256");
    for await (const part of await storage.open(received.key)) hash.update(part);
    expect(hash.digest("hex")).toBe(received.sha256);
  });

  test("one byte too many, none at all, or a discarded file: nothing is left", async () => {
    const bytes = (count: number) => Readable.from([Buffer.alloc(count, "a")]);
    const options = { maxBytes: 10 };
    await expect(storage.receive(bytes(11), options)).rejects.toMatchObject({ code: "too_large" });
    await expect(storage.receive(Readable.from([]), options)).rejects.toMatchObject({
      code: "empty",
    });
    const received = await storage.receive(bytes(10), options);
    await received.discard();
    await expectNothingLeft();
  });

  test("a source that breaks and a signal that aborts leave nothing", async () => {
    const broken = new PassThrough();
    broken.write("abc");
    const coming = storage.receive(broken, limit);
    broken.destroy(new Error("gone"));
    await expect(coming).rejects.toThrow("gone");
    const controller = new AbortController();
    const endless = new PassThrough();
    endless.write("abc");
    const aborted = storage.receive(endless, { ...limit, signal: controller.signal });
    controller.abort(new Error("cancelled"));
    await expect(aborted).rejects.toThrow("cancelled");
    await expectNothingLeft();
  });

  test("a deleted file is missing, and may be deleted again", async () => {
    const received = await storage.receive(Readable.from(["x"]), limit);
    await received.keep();
    await storage.delete(received.key);
    await storage.delete(received.key);
    await expect(storage.open(received.key)).rejects.toMatchObject({ code: "missing" });
    await expectNothingLeft();
  });

  test("a file that cannot be read any more when it is to be kept is told", async () => {
    const received = await storage.receive(Readable.from(["x"]), limit);
    await rm(received.path);
    await expect(received.keep()).rejects.toMatchObject({ code: "unavailable" });
    await expectNothingLeft();
  });

  test("nothing but a key of its own is opened or deleted", async () => {
    for (const key of ["../../etc/passwd", "", "ab/cd/../../../x", "/etc/passwd"]) {
      await expect(storage.open(key)).rejects.toThrow("no key");
      await expect(storage.delete(key)).rejects.toThrow("no key");
    }
  });

  test("what a dead process left is removed when it is old, not before", async () => {
    await (await storage.receive(Readable.from(["x"]), limit)).discard();
    const old = path.join(subject.dir, "incoming", "old");
    await writeFile(old, "x");
    await utimes(old, new Date(0), new Date(0));
    const young = await storage.receive(Readable.from(["x"]), limit);
    expect(await storage.removeAbandoned(3_600_000)).toBe(1);
    await young.keep();
    expect(await subject.stored()).toHaveLength(1);
  });

  test("it says that it works", async () => {
    await storage.check(() => expect.unreachable());
  });
});

test("a directory that cannot be written is named at the start, and is unavailable", async () => {
  const dir = path.join(await temporaryDirectory("storage"), "file");
  await writeFile(dir, "");
  const storage = createStorage(readStorageSettings({ STORAGE_DIR: dir }));
  await expect(storage.check(() => expect.unreachable())).rejects.toThrow(`STORAGE_DIR ${dir}`);
  await expect(storage.receive(Readable.from(["x"]), limit)).rejects.toMatchObject({
    code: "unavailable",
  });
});

describe.skipIf(!swift)("S3 set up wrongly or away", () => {
  test("a wrong secret and a bucket that is not there are named at the start", async () => {
    const wrong = await onS3({ STORAGE_S3_SECRET: "wrong" });
    await expect(wrong.storage.check(() => expect.unreachable())).rejects.toThrow(
      /STORAGE_S3_KEY and STORAGE_S3_SECRET/,
    );
    const absent = await onS3({ STORAGE_S3_BUCKET: "absent" });
    await expect(absent.storage.check(() => expect.unreachable())).rejects.toThrow(
      /has no bucket "absent"/,
    );
    const received = await absent.storage.receive(Readable.from(["x"]), limit);
    await expect(received.keep()).rejects.toMatchObject({ code: "unavailable" });
    expect(await filesIn(absent.dir)).toEqual([]);
  });

  test("while it is away nothing is half stored, and what was stored is there again", async () => {
    const { storage, dir, stored } = await onS3();
    const before = await storage.receive(Readable.from(["before"]), limit);
    await before.keep();
    await swift?.stop();
    const away: unknown[] = [];
    await storage.check((cause) => away.push(cause));
    expect(away).toHaveLength(1);
    const received = await storage.receive(Readable.from(["x"]), limit);
    await expect(received.keep()).rejects.toMatchObject({ code: "unavailable" });
    await expect(storage.open(before.key)).rejects.toMatchObject({ code: "unavailable" });
    await expect(storage.delete(before.key)).rejects.toMatchObject({ code: "unavailable" });
    expect(await filesIn(dir)).toEqual([]);
    await swift?.start();
    expect((await buffer(await storage.open(before.key))).toString()).toBe("before");
    expect(await stored()).toHaveLength(1);
  });
});
