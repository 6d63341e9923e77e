export { attachment } from "./attachment.ts";
export {
  createStorage,
  type ReceivedFile,
  type ReceiveOptions,
  type Storage,
} from "./create-storage.ts";
export { displayName } from "./display-name.ts";
export { readStorageSettings, type S3Settings, type StorageSettings } from "./settings.ts";
export { StorageError, type StorageErrorCode } from "./storage-error.ts";
