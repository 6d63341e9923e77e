export { createFileStore, type FileStore, type StoredFile } from "./file-store.ts";
export {
  createUploadReceiver,
  type ReceiveUpload,
  type Upload,
  type UploadedPart,
  type UploadRules,
} from "./receive-upload.ts";
