import type { ImportNote } from "../draft/draft.ts";

/** Collects what cannot be said in a board file; what is alike becomes one note that counts. */
export class NoteGroups {
  readonly #groups = new Map<
    string,
    { text: (count: number) => string; items: ImportNote["items"][number][] }
  >();

  /** One more of a group. `text` is that of the first. */
  add(group: string, what: string, where: string, text: (count: number) => string): void {
    const known = this.#groups.get(group);
    if (known !== undefined) known.items.push({ what, where });
    else this.#groups.set(group, { text, items: [{ what, where }] });
  }

  /** Something that stands alone. */
  say(where: string, message: string): void {
    this.add(`${where} ${message}`, message, where, () => message);
  }

  all(): ImportNote[] {
    return [...this.#groups.values()].map(({ text, items }) => ({
      where: items[0]?.where ?? null,
      message: text(items.length),
      items: items.length === 1 && items[0]?.what === text(1) ? [] : items,
    }));
  }
}
