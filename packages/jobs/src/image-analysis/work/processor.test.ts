import { randomUUID } from "node:crypto";
import { GiveUp } from "@ilgam/contracts";
import { writeSampleFiles } from "@ilgam/parsing/fixtures";
import { temporaryDirectory } from "@ilgam/testing";
import { expect, test } from "vitest";
import { type Detail, ImageAnalysisPayload } from "../contract.ts";
import { type Asked, contextOf, scriptedAi, startStore } from "../fixtures/stored-file.ts";
import { createImageAnalysisProcessor } from "./processor.ts";

const store = await startStore();
const samples = await writeSampleFiles(await temporaryDirectory("samples"));

async function analyse(sample: keyof typeof samples, more: { detail?: Detail } = {}) {
  const ai = scriptedAi("고양이입니다.");
  const process = createImageAnalysisProcessor({ ...store, ai, env: {} });
  const fileId = await store.save(samples[sample]);
  const told = contextOf(ImageAnalysisPayload.parse({ fileId, ...more }));
  const result = await process(told.context);
  return { ...told, ai, result, fileId };
}

function imageIn(asked: Asked | undefined) {
  const message = asked?.messages.at(-1);
  const [image] = message?.role === "user" ? (message.images ?? []) : [];
  return image;
}

test("the model sees the image upright, is asked the prompt, and its answer is the result", async () => {
  const { ai, result, progress, tokens } = await analyse("turned.jpg");
  expect(imageIn(ai.asked[0])).toMatchObject({
    ...{ mediaType: "image/jpeg", width: 200, height: 300, detail: "auto" },
  });
  expect(ai.asked[0]?.messages.at(-1)?.content).toBe(
    "이 이미지를 분석하고 주요 내용을 설명해주세요.",
  );
  expect(result).toEqual({
    ...{ analysis: "고양이입니다.", width: 200, height: 300, model: "m", provider: "test" },
  });
  expect([progress, tokens()]).toEqual([[10, 30, 80], 100]);
});

test.each([
  ["low", 512],
  ["auto", 900],
  ["high", 900],
] as const)("with the detail %s a picture 900 pixels wide is %i wide", async (detail, width) => {
  const { ai, result } = await analyse("scanned-table.png", { detail });
  expect(imageIn(ai.asked[0])).toMatchObject({ width, detail });
  expect(result.width).toBe(width);
});

test("an answer that was given is not paid for again after a crash", async () => {
  const { context, ai, result } = await analyse("photo.webp");
  const process = createImageAnalysisProcessor({ ...store, ai, env: {} });
  expect(await process(context)).toEqual(result);
  expect(ai.asked).toHaveLength(1);
});

test("the file is held by the job as soon as it runs", async () => {
  const { context, fileId } = await analyse("photo.webp");
  const rows = await store.sql.query("SELECT id FROM files WHERE job_ids = ARRAY[$1::uuid]", [
    context.job.id,
  ]);
  expect(rows).toEqual([{ id: fileId }]);
});

test.each([
  ["broken.pdf", "file_type"],
  ["notes.txt", "file_type"],
  ["bomb.png", "image_too_many_pixels"],
] as const)("%s is given up with a reason, without a call", async (sample, code) => {
  const ai = scriptedAi("nothing");
  const process = createImageAnalysisProcessor({ ...store, ai, env: {} });
  const fileId = await store.save(samples[sample]);
  const failed = process(contextOf(ImageAnalysisPayload.parse({ fileId })).context);
  await expect(failed).rejects.toBeInstanceOf(GiveUp);
  await expect(failed).rejects.toMatchObject({ code, message: expect.stringMatching(/[가-힣]/) });
  expect(ai.asked).toEqual([]);
});

test("a file that is gone, or another tenant's, is given up", async () => {
  const ai = scriptedAi("nothing");
  const process = createImageAnalysisProcessor({ ...store, ai, env: {} });
  const { context } = contextOf(ImageAnalysisPayload.parse({ fileId: randomUUID() }));
  await expect(process(context)).rejects.toMatchObject({ code: "file_gone" });
  const fileId = await store.save(samples["photo.webp"]);
  const own = contextOf(ImageAnalysisPayload.parse({ fileId })).context;
  const foreign = { ...own, job: { ...own.job, tenantId: "other" } };
  await expect(process(foreign)).rejects.toMatchObject({ code: "file_gone" });
  expect(ai.asked).toEqual([]);
});

test("a job that was cancelled makes no call", async () => {
  const ai = scriptedAi("nothing");
  const process = createImageAnalysisProcessor({ ...store, ai, env: {} });
  const fileId = await store.save(samples["photo.webp"]);
  const signal = AbortSignal.abort(new Error("cancelled"));
  const { context } = contextOf(ImageAnalysisPayload.parse({ fileId }), { signal });
  await expect(process(context)).rejects.toThrow("cancelled");
  expect(ai.asked).toEqual([]);
});

test("the limit of pixels is the operator's", async () => {
  const ai = scriptedAi("nothing");
  const env = { IMAGE_MAX_PIXELS: "59999" };
  const process = createImageAnalysisProcessor({ ...store, ai, env });
  const fileId = await store.save(samples["photo.webp"]);
  const { context } = contextOf(ImageAnalysisPayload.parse({ fileId }));
  await expect(process(context)).rejects.toMatchObject({ code: "image_too_many_pixels" });
  const wrong = { ...store, ai, env: { IMAGE_MAX_PIXELS: "many" } };
  expect(() => createImageAnalysisProcessor(wrong)).toThrow("IMAGE_MAX_PIXELS");
});
