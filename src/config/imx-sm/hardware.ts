import { counted, type NoteGroups } from "../draft/notes.ts";
import type { Word } from "./words.ts";

/** Words that say who reaches which memory and bus master: `MBC_A0=0.56`. */
const HARDWARE = /^(MBC|MRC|MDAC|TRDC_CONFIG|BCTRL)_\w+$/;
/** Settings that go with them. */
const SETTINGS: ReadonlySet<string> = new Set([
  "perm",
  "did",
  "sa",
  "pa",
  "mdid",
  "sid",
  "kpa",
  "nblks",
  "origin",
  "begin",
  "end",
  "size",
  "blksize",
  "nrgns",
  "nodbg",
  "clr",
  "ndid",
  "nmstr",
  "nmbc",
  "nmrc",
  "kpaen",
  "sidsz",
  "big",
]);

/** Whether a word is about hardware access, and says nothing of SCMI. */
export function isHardware({ name }: Word): boolean {
  return HARDWARE.test(name) || SETTINGS.has(name);
}

/** Notes what a line of a section says about hardware access. */
export function noteHardware(
  notes: NoteGroups,
  words: readonly Word[],
  section: string,
  where: string,
): void {
  for (const { name } of words) {
    if (!HARDWARE.test(name)) continue;
    notes.add(`hardware ${section}`, name, where, (count, shown) => {
      return `${section}: ${counted(count, "setting")} of hardware access (${shown}) left out: the model has SCMI alone`;
    });
  }
}
