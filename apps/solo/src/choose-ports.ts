import { freePort, isPortFree } from "@ilgam/local-services";

const USUAL_API_PORT = 3000;

/**
 * The API's port: the one asked for, else 3000, else a free one, said aloud.
 *
 * @throws when a port that was asked for is taken.
 */
export async function chooseApiPort(
  asked: number | undefined,
  host: string,
  say: (line: string) => void,
): Promise<number> {
  if (asked !== undefined) {
    if (await isPortFree(asked, host)) return asked;
    throw new Error(`PORT=${asked} is taken on ${host}: stop what listens there or give another.`);
  }
  const port = await freePort(USUAL_API_PORT, host);
  if (port !== USUAL_API_PORT) say(`Port ${USUAL_API_PORT} is taken: the API listens on ${port}.`);
  return port;
}
