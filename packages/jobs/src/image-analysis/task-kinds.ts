/** The kinds whose jobs system 5 calls tasks, for SQL; the index on them says the same. */
export const taskKinds = "('image-analysis', 'table-extraction')";
