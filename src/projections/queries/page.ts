/** A part of a list. `next` is the `after` of the part behind it, or null: there is none. */
export interface Page<Item, Cursor = number> {
  readonly items: readonly Item[];
  readonly next: Cursor | null;
}

/** Which part of a list is asked for: at most `limit` items (1 or more) behind `after`; without it from the beginning. */
export interface PageRequest<Cursor = number> {
  readonly limit: number;
  readonly after?: Cursor | undefined;
}

/** The page of `limit` items out of what a query gave that was asked for one more. */
export function pageOf<Item, Cursor>(
  found: readonly Item[],
  limit: number,
  cursorOf: (item: Item) => Cursor,
): Page<Item, Cursor> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, next: found.length > limit && last !== undefined ? cursorOf(last) : null };
}
