import { expect, test } from "vitest";
import { displayName } from "./display-name.ts";

test.each([
  ["../../etc/passwd", "passwd"],
  ["C:\\Users\\나\\보고서.pdf", "보고서.pdf"],
  ["가.txt".normalize("NFD"), "가.txt"],
  ["a\u0000b\r\nc.txt", "abc.txt"],
  ["\u202egpj.exe", "gpj.exe"],
  ["..", "file"],
  ["", "file"],
  [undefined, "file"],
  [`${"가".repeat(300)}.docx`, `${"가".repeat(250)}.docx`],
  ["\ud83d.txt", "\ufffd.txt"],
])("%j is shown as %j", (given, shown) => {
  expect(displayName(given)).toBe(shown);
});
