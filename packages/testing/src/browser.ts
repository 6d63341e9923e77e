import { existsSync } from "node:fs";
import type { Browser } from "playwright-core";
import { atFileEnd } from "./file-end.ts";

const usualPlaces = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/**
 * The program of a Chromium: CHROMIUM_PATH, or one in the usual places. Undefined when there is
 * none, which is said (on standard error), so that tests skip.
 * @throws with CI=true, and when CHROMIUM_PATH names no file: a test that has to run does not skip.
 */
export function findBrowser(
  env: Record<string, string | undefined> = process.env,
  places: readonly string[] = usualPlaces,
  say: (line: string) => void = (line) => void process.stderr.write(line),
): string | undefined {
  const { CHROMIUM_PATH: named, CI: ci } = env;
  if (named && !existsSync(named)) throw new Error(`CHROMIUM_PATH names no file: ${named}`);
  const found = named || places.find((place) => existsSync(place));
  if (found) return found;
  const what = "there is no Chromium: install one (apt-get install chromium) or set CHROMIUM_PATH";
  if (ci && ci !== "false") throw new Error(what);
  say(`\nSKIPPED: the browser tests do not run, ${what}\n\n`);
  return undefined;
}

/** A browser without a window, closed at the file's end. It calls nobody by itself. */
export async function startBrowser(executablePath: string): Promise<Browser> {
  // Only here: it takes a while to load, and every test file loads this package.
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  atFileEnd("browser", () => browser.close());
  return browser;
}
