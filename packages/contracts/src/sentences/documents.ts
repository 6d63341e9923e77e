import type { Sentences } from "./sentences.ts";

/** What system 3, documents, says. */
export const documentSentences = {
  document_encrypted: {
    ko: "암호가 걸린 문서는 읽을 수 없습니다. 암호를 풀어 다시 올려 주세요.",
    en: "The document is protected by a password. Remove it and upload the document again.",
  },
  document_corrupt: {
    ko: "문서를 읽을 수 없습니다. 손상되었거나 형식이 올바르지 않습니다.",
    en: "The document cannot be read. It is damaged.",
  },
  document_too_many_pages: {
    ko: "문서의 쪽수가 너무 많습니다. 최대 {limit}쪽입니다.",
    en: "The document has too many pages. The limit is {limit}.",
  },
  document_too_demanding: {
    ko: "문서를 읽는 데 허용된 것보다 많은 메모리나 시간이 필요합니다.",
    en: "Reading the document takes more memory or time than is allowed.",
  },
  document_not_found: { ko: "문서를 찾을 수 없습니다.", en: "There is no such document." },
  document_unreadable: {
    ko: "문서를 처리할 수 없습니다. {reason}",
    en: "The document cannot be processed. {reason}",
  },
  document_not_ready: {
    ko: "문서가 아직 처리되지 않았습니다. 현재 상태: {status}",
    en: "The document has not been processed yet. It is {status}.",
  },
  document_same_file: {
    ko: "같은 파일이 이미 처리되고 있어 그 결과를 기다립니다.",
    en: "The same file is being processed already: waiting for its result.",
  },
  document_accepted: {
    ko: "백그라운드에서 문서를 분석하고 있습니다.",
    en: "The document is being analysed in the background.",
  },
  document_deleted: { ko: "문서가 삭제되었습니다.", en: "The document was deleted." },
  document_pending: {
    ko: "문서 처리를 기다리고 있습니다.",
    en: "The document waits to be processed.",
  },
  document_started: {
    ko: "문서 처리를 시작했습니다.",
    en: "The document is being opened.",
  },
  document_copying: {
    ko: "같은 파일의 처리 결과를 가져오고 있습니다...",
    en: "Taking over what was computed of the same file...",
  },
  document_extracting: {
    ko: "텍스트와 이미지를 추출하고 있습니다...",
    en: "Extracting text and images...",
  },
  document_describing: {
    ko: "이미지를 분석하고 있습니다...",
    en: "Describing the images...",
  },
  document_chunking: {
    ko: "텍스트를 청크로 나누고 있습니다...",
    en: "Cutting the text into chunks...",
  },
  document_embedding: {
    ko: "임베딩을 생성하고 있습니다...",
    en: "Computing the embeddings...",
  },
  document_storing: { ko: "결과를 저장하고 있습니다...", en: "Storing the results..." },
  document_completed: { ko: "문서 처리가 완료되었습니다.", en: "The document is processed." },
  document_failed: { ko: "문서 처리에 실패했습니다.", en: "The document could not be processed." },
  document_text_of_image: {
    ko: "그림에는 글자층이 없습니다. use_multimodal=true로 보내 주세요.",
    en: "An image has no text layer. Send it with use_multimodal=true.",
  },
  error_document_encrypted: {
    ko: "암호가 걸린 문서입니다. 암호를 풀고 다시 올려 주세요.",
    en: "The document is encrypted. Remove its password and upload it again.",
  },
  error_document_corrupt: {
    ko: "파일이 손상되어 읽을 수 없습니다.",
    en: "The file is damaged and cannot be read.",
  },
  error_document_too_many_pages: {
    ko: "쪽이 너무 많습니다. 나누어 올려 주세요.",
    en: "The document has too many pages. Upload it in parts.",
  },
  error_document_too_many_pixels: {
    ko: "그림의 화소가 너무 많습니다. 줄여서 다시 올려 주세요.",
    en: "The image has too many pixels. Make it smaller and upload it again.",
  },
  error_document_too_long: {
    ko: "글자가 너무 많습니다. 나누어 올려 주세요.",
    en: "The text is too long. Upload the document in parts.",
  },
  error_document_out_of_memory: {
    ko: "문서를 읽는 데 메모리가 너무 많이 필요합니다. 나누어 올려 주세요.",
    en: "Reading the document takes too much memory. Upload it in parts.",
  },
  error_document_out_of_time: {
    ko: "문서를 읽는 데 시간이 너무 오래 걸립니다. 나누어 올려 주세요.",
    en: "Reading the document takes too long. Upload it in parts.",
  },
  error_document_file_gone: {
    ko: "파일이 없습니다. 보관 기간이 지났을 수 있으니 다시 올려 주세요.",
    en: "The file is gone; it may have expired. Upload it again.",
  },
  error_document_model_changed: {
    ko: "처리하는 동안 임베딩 모델이 바뀌었습니다. 다시 실행해 주세요.",
    en: "The embedding model was changed meanwhile. Run the job again.",
  },
  error_document_lost: {
    ko: "처리 기록이 보관 기간이 지나 삭제되었습니다. 파일을 다시 올려 주세요.",
    en: "The record of the work has expired. Upload the file again.",
  },
} as const satisfies Sentences;
