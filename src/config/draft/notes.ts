import type { ImportNote } from "./draft.ts";

/** Notes that are kept apart, and places that are kept of one: hostile files have millions. */
const NOTES_MAX = 500;
const ITEMS_MAX = 1_000;
/** The group of what is too much. */
const MORE = "more";

/** What a note says: of so many things, which are given in short. */
type NoteText = (count: number, shown: string) => string;

interface Group {
  readonly where: string | null;
  readonly text: NoteText;
  readonly items: ImportNote["items"][number][];
  count: number;
}

/** Collects what cannot be said in a board file, and what is odd; what is alike becomes one note that counts. */
export class NoteGroups {
  readonly #groups = new Map<string, Group>();

  /** One more of a group. `text` is that of the first. */
  add(group: string, what: string, where: string, text: NoteText): void {
    const known = this.#groups.get(group);
    if (known === undefined && this.#groups.size >= NOTES_MAX && group !== MORE) {
      this.add(MORE, what, where, (count) => `and ${count} more of other kinds`);
      return;
    }
    const made = known ?? { where, text, items: [], count: 0 };
    if (known === undefined) this.#groups.set(group, made);
    made.count += 1;
    if (made.items.length < ITEMS_MAX) made.items.push({ what, where });
  }

  /** Something that stands alone; null: it is about the whole. */
  say(where: string | null, message: string): void {
    const key = `${where ?? ""} ${message}`;
    if (this.#groups.size >= NOTES_MAX) this.add(key, message, where ?? "", () => message);
    else if (!this.#groups.has(key))
      this.#groups.set(key, { where, text: () => message, items: [], count: 1 });
  }

  all(): ImportNote[] {
    return [...this.#groups.values()].map(({ where, text, items, count }) => ({
      where,
      message: text(count, shown(items, count)),
      items,
    }));
  }
}

/** Things that a note shows by name. */
const SHOWN_MAX = 12;

function shown(items: Group["items"], count: number): string {
  const names = [...new Set(items.map(({ what }) => what))].slice(0, SHOWN_MAX).join(", ");
  return count > SHOWN_MAX ? `${names} and more` : names;
}

/** "1 line", "2 lines". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
