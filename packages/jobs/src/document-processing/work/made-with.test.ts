import { waitFor } from "@ilgam/testing";
import { expect, test } from "vitest";
import { startInstallation } from "../fixtures/installation.ts";

const embeddingPath = "/v1/embeddings";
const site = await startInstallation();
const { upload, ended, calls, fault, forgetFaults, database } = site;

async function begin(name: string) {
  const { body } = await upload({ content: "설정이 바뀌는 글입니다.", name });
  return { id: body.document_id, jobId: String(body.task_id) };
}

async function settingsOf({ id, jobId }: { id: number; jobId: string }) {
  expect(await ended(id)).toMatchObject({ status: "completed", error: null });
  const [row] = await database.query<{ settings: string; result: string }>(
    `SELECT d.settings, r.output->>'settings' AS result FROM documents d
     JOIN job_results r ON r.job_id = d.job_id WHERE d.id = $1 AND d.job_id = $2`,
    [id, jobId],
  );
  expect(row?.result).toBe(row?.settings);
  return row?.settings;
}

test("a document of processes with several settings says so, and none is copied from it", async () => {
  await fault({ match: { path: embeddingPath }, fault: { type: "hang" } });
  const first = await begin("바뀌는.txt");
  await waitFor(async () => (await calls(embeddingPath, first.jobId)).length === 1, {
    what: "the call that hangs",
  });
  await site.worker.kill();
  await forgetFaults();
  const other = await site.startWorker({ DOCUMENT_MAX_IMAGES: "49" });
  expect(await settingsOf(first)).toBe("mixed");

  const second = await begin("새로.txt");
  const settings = await settingsOf(second);
  expect(settings).toMatch(/^[0-9a-f]{64}$/);
  expect(await calls(embeddingPath, second.jobId), "it was not copied").toHaveLength(1);

  const third = await begin("같은.txt");
  expect(await settingsOf(third)).toBe(settings);
  expect(await calls(embeddingPath, third.jobId), "it was copied").toHaveLength(0);

  await other.kill();
  await site.startWorker();
  const fourth = await begin("처음 설정.txt");
  expect(await settingsOf(fourth)).not.toBe(settings);
  expect(await calls(embeddingPath, fourth.jobId)).toHaveLength(1);
}, 90_000);
