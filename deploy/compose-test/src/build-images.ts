import { cp, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { projectRoot, runCommand } from "./run-command.ts";

export type Image = {
  name: string;
  tag: string;
  /** What its processes call themselves. */
  version: string;
  /** The migration that it has and the other image lacks. */
  migration?: string;
};

const copied = [
  ...["Dockerfile", ".dockerignore", ".npmrc", "package.json", "package-lock.json"],
  ...["prisma", "packages", "apps"],
];
const migration = "99990101000000_compose_test";

/**
 * The image of this checkout, and the one of a next version that begins with an expanding migration:
 * a column and a table more, which the code of this one does not know.
 */
export async function buildImages(
  name: string,
  directory: string,
): Promise<{ before: Image; after: Image }> {
  const before = { name, tag: "before", version: "1.0.0-before" };
  const after = { name, tag: "after", version: "1.0.1-after", migration };
  await build(before, projectRoot);

  const next = path.join(directory, "next");
  for (const entry of copied) {
    await cp(path.join(projectRoot, entry), path.join(next, entry), {
      recursive: true,
      filter: (source) => path.basename(source) !== "node_modules",
    });
  }
  const folder = path.join(next, "prisma/migrations", migration);
  await mkdir(folder);
  await writeFile(
    path.join(folder, "migration.sql"),
    `ALTER TABLE jobs ADD COLUMN compose_test text;
CREATE TABLE compose_test (id uuid PRIMARY KEY);
`,
  );
  await build(after, next);
  return { before, after };
}

async function build(image: Image, context: string): Promise<void> {
  const version = `VERSION=${image.version}`;
  const tag = `${image.name}:${image.tag}`;
  await runCommand(["docker", "build", "-q", "-t", tag, "--build-arg", version, context]);
}

/** Takes the names of both away, and what nothing else uses of them. */
export async function removeImages(images: readonly Image[]): Promise<void> {
  await runCommand(["docker", "rmi", "-f", ...images.map(({ name, tag }) => `${name}:${tag}`)]);
}
