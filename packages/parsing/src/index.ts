export {
  type DocumentProblem,
  type DocumentType,
  documentTypes,
  type Page,
  type ParseLimits,
  type Picture,
  UnreadableDocument,
} from "./document.ts";
export {
  checkImage,
  countPages,
  type ImageProblem,
  imageTypes,
  type NormalImage,
  normalizeImage,
  UnreadableImage,
} from "./normalize-image.ts";
export { type ParseOptions, parseDocument } from "./parse-document.ts";
export { type ReadSpreadsheetOptions, readSpreadsheet } from "./read-spreadsheet.ts";
export {
  type Sheet,
  type SheetCell,
  type SheetRow,
  type SpreadsheetProblem,
  UnreadableSpreadsheet,
} from "./spreadsheet.ts";
export { writeSpreadsheet } from "./write-spreadsheet.ts";
