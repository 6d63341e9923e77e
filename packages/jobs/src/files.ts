export { createFileStore, type FileStore, type StoredFile } from "./uploads/file-store.ts";
export { formFile, formOnly } from "./uploads/form-file.ts";
export {
  createUploadReceiver,
  type ReceiveUpload,
  type Upload,
  type UploadedPart,
  type UploadRules,
} from "./uploads/receive-upload.ts";
