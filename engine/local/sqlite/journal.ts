import type { Database } from "./database.ts";
import type { Journal, JournalEntry } from "../machine/journal.ts";

const READ = "SELECT entry FROM journal WHERE execution = ? ORDER BY number";
const APPEND = "INSERT INTO journal (execution, number, entry) VALUES (?, ?, ?)";

/** Entries of one execution, by its row's id, in the order in which they were appended. */
export function readJournal(database: Database, execution: number): JournalEntry[] {
  const rows = database.read(() => database.prepare(READ).all(execution)) as unknown as { readonly entry: string }[];
  return rows.map(({ entry }) => JSON.parse(entry) as JournalEntry);
}

/**
 * The journal of an execution that goes on after `past`. Entries are numbered: where another process has written an
 * entry of the same number, it drives the run, and `append` rejects (`isDuplicate`).
 */
export function sqliteJournal(database: Database, execution: number, past: readonly JournalEntry[]): Journal {
  let number = past.length;
  return {
    past,
    append: (entry) => {
      const place = number++;
      const text = JSON.stringify(entry);
      return database.write(() => void database.prepare(APPEND).run(execution, place, text));
    },
  };
}
