import type { Language } from "@ilgam/contracts";
import { fileProblem } from "../file-problem.ts";

const zip = Buffer.from("PK\u0003\u0004", "latin1");
/** Of the containers of Office before 2007, in which encrypted files are still kept. */
const compound = Buffer.from("d0cf11e0a1b11ae1", "hex");
const odsType = "mimetypeapplication/vnd.oasis.opendocument.spreadsheet";
/** The name of a part in a compound file. */
const part = (name: string) => Buffer.from(name, "utf16le");

/**
 * Whether a file is an XLSX, or else a text.
 * @throws ApiError invalid_field for spreadsheets that are not read, with what to do about it
 */
export function formatOf(bytes: Buffer, language: Language): "xlsx" | "text" {
  const refused = (type: string) => fileProblem("sheet_type_refused", language, { type });
  if (bytes.subarray(0, 8).equals(compound)) {
    if (bytes.includes(part("EncryptedPackage"))) throw fileProblem("sheet_encrypted", language);
    if (bytes.includes(part("Workbook")) || bytes.includes(part("Book"))) throw refused(".xls");
    throw fileProblem("file_no_table", language);
  }
  if (bytes.subarray(0, 4).equals(zip)) {
    if (bytes.subarray(0, 200).includes(odsType)) throw refused(".ods");
    if (bytes.includes("xl/workbook.bin")) throw refused(".xlsb");
    return "xlsx";
  }
  // As some systems export tables under the name of .xls.
  const start = bytes.subarray(0, 1_000).toString("latin1").replaceAll("\0", "");
  if (/^(ÿþ|þÿ|ï»¿)?\s*<(\?xml|!doctype|html|table|meta)[\s>]/i.test(start)) {
    throw refused(".xls(HTML/XML)");
  }
  return "text";
}
