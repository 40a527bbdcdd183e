import type { Schema } from "#config/board/fields.ts";
import type { DraftMap } from "#config/draft/draft.ts";
import type { NoteGroups } from "#config/draft/notes.ts";

/**
 * A resource without what a board file cannot have of it: a clock that runs at a rate which it does not describe. Each field that is left
 * out is noted; null: without one that is needed there is nothing left.
 *
 * @param what the resource, for notes: `clock 5`
 */
export function fitting(item: DraftMap, schema: Schema, what: string, notes: NoteGroups): DraftMap | null {
  let fields = item;
  for (;;) {
    const read = schema.safeParse(fields);
    if (read.success) return fields;
    const issue = read.error.issues[0];
    const field = String(issue?.path[0] ?? "");
    if (!Object.hasOwn(fields, field) || field === "id") {
      notes.say(null, `${what} is left out: of what it describes too little is left`);
      return null;
    }
    notes.say(
      null,
      `${what}: its ${field} in the trace cannot be in a board file, and is left out: ${issue?.message}`,
    );
    const { [field]: _, ...rest } = fields;
    fields = rest;
  }
}
