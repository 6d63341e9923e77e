export type FileEnd = {
  /** Runs `undo` after the file's tests and its own afterAll hooks; an error there fails the file. */
  atFileEnd(what: string, undo: () => Promise<void>): void;
  /** Undoes everything, the last first, whatever fails on the way. @throws naming all failures. */
  undoAll(): Promise<void>;
};

/** A list of what must be undone when a test file is over. */
export function createFileEnd(): FileEnd {
  const open: { what: string; undo: () => Promise<void> }[] = [];
  return {
    atFileEnd: (what, undo) => void open.push({ what, undo }),
    async undoAll() {
      const problems: string[] = [];
      for (let entry = open.pop(); entry; entry = open.pop()) {
        try {
          await entry.undo();
        } catch (error) {
          problems.push(`${entry.what}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
      if (problems.length > 0) throw new Error(problems.join("\n"));
    },
  };
}

/** The list of the file that runs now: files of one worker run one after the other. */
export const { atFileEnd, undoAll } = createFileEnd();
