import type { ImportNote } from "../draft/draft.ts";
import { counted, NoteGroups } from "../draft/notes.ts";
import type { ImxAgent } from "./config.ts";
import { isListed, PREFIX_TEXT, PREFIXES } from "./resources.ts";

/** A note for each agent and kind of resource on which it has levels that a board file cannot say. */
export function noteUnlisted(agents: readonly ImxAgent[]): ImportNote[] {
  const notes = new NoteGroups();
  for (const { id, name, levels } of agents) {
    for (const prefix of PREFIXES) {
      if (isListed(prefix) || prefix === "sys" || prefix === "base") continue;
      for (const [full, { level, where, prefix: of }] of levels) {
        if (of !== prefix || level === "NONE") continue;
        notes.add(`${id} ${prefix}`, `${full}: ${level}`, where, (count) => {
          const what = `${counted(count, "level")} on ${PREFIX_TEXT[prefix]}`;
          return `agent ${id} ${name}: ${what} left out: the model has no such protocol of NXP's own, and no daisies`;
        });
      }
    }
  }
  return notes.all();
}
