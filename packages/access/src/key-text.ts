import { createHash, randomInt } from "node:crypto";
import { crc32 } from "node:zlib";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const prefix = "ilg_live_";
const idLength = 16;
/** log2(62^43) > 256: as much randomness as 32 bytes hold. */
const secretLength = 43;
const checksumLength = 6;
const form = new RegExp(
  `^${prefix}(\\w{${idLength}})_(\\w{${secretLength + checksumLength}})$`.replaceAll(
    "\\w",
    "[0-9A-Za-z]",
  ),
);

export type KeyParts = {
  /** Names the key; no secret. */
  id: string;
  /** sha256 of the secret: all that is kept of it. */
  hash: Buffer;
};

const randomText = (length: number) =>
  Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");

/** Of everything before it, so that mistyped keys and scanners' false finds need no look-up. */
function checksumOf(text: string): string {
  let rest = crc32(text);
  let digits = "";
  for (let place = 0; place < checksumLength; place += 1) {
    digits = alphabet[rest % alphabet.length] + digits;
    rest = Math.floor(rest / alphabet.length);
  }
  return digits;
}

const hashOf = (secret: string) => createHash("sha256").update(secret).digest();

/** A new key: `ilg_live_<id>_<secret>`, to be shown once, and what is kept of it. */
export function newKey(): KeyParts & { text: string } {
  const id = randomText(idLength);
  const body = `${prefix}${id}_${randomText(secretLength)}`;
  const text = body + checksumOf(body);
  return { text, id, hash: hashOf(text.slice(prefix.length + idLength + 1)) };
}

/** What a key's text names and proves; undefined for any text that is no key of this form. */
export function keyPartsOf(text: string): KeyParts | undefined {
  const [, id, secret] = form.exec(text) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  if (checksumOf(text.slice(0, -checksumLength)) !== text.slice(-checksumLength)) return undefined;
  return { id, hash: hashOf(secret) };
}
