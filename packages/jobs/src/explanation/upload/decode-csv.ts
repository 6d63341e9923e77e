import { ApiError, type Language, type MessageKey, message } from "@ilgam/contracts";
import iconv from "iconv-lite";

/** The refusal of a file as a whole. */
export function fileProblem(
  key: MessageKey,
  language: Language,
  values: Record<string, string | number> = {},
): ApiError {
  const problem = message(key, language, values);
  return new ApiError("invalid_field", { details: [{ path: "file", problem }] });
}

/**
 * The text of a CSV file: UTF-8 with or without BOM, else CP949, as Korean Excel saves it.
 * @throws ApiError invalid_field for anything else
 */
export function decodeCsv(bytes: Buffer, language: Language): string {
  const isUtf16 = [0xfeff, 0xfffe].includes(bytes.length < 2 ? 0 : bytes.readUInt16BE(0));
  if (isUtf16) throw fileProblem("csv_utf16", language);
  if (bytes.includes(0)) throw fileProblem("csv_binary", language);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // Not UTF-8: the other encoding that there is.
  }
  const text = iconv.decode(bytes, "cp949");
  if (text.includes("\uFFFD")) throw fileProblem("csv_encoding", language);
  return text;
}
