import { writeSpreadsheet } from "@ilgam/parsing";
import { byteOrderMark, csvLine } from "../../../tables/csv-line.ts";
import { maxRows, rowFields } from "./given-row.ts";
import { teachersName } from "./spreadsheet/columns.ts";

const header = rowFields.filter((field) => field !== "id").map(teachersName);
const example = [
  ...["다음 중 대한민국의 수도는?", "부산", "서울", "인천", "대구", "광주"],
  ...["2", "대한민국의 수도는 서울입니다. 이 칸을 비워 두면 AI가 해설을 씁니다."],
];

/** A file to fill in: the header that teachers know, and one row to be written over. */
export async function templateFile(format: "csv" | "xlsx"): Promise<Buffer> {
  if (format === "xlsx") return writeSpreadsheet("문제", [header, example], maxRows - 1);
  return Buffer.from([byteOrderMark, csvLine(header), csvLine(example)].join(""));
}
