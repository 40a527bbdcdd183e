import type { Check } from "../../check.ts";
import { settingPlace } from "../../guest-places.ts";
import type { LintGuest } from "../../input.ts";

/** The settings that are looked at, by what xl reads them as; `arm_sci` and `name` have rules of their own. */
const LISTS = ["dtdev", "pci", "iomem", "irqs"];
const SINGLE = ["uuid", "device_tree", "passthrough", "on_poweroff", "on_reboot", "on_crash"];

/** Lists that xl goes through up to the first item that is no text; it refuses such an item of others. */
const ENDED_BY_LIST = ["dtdev", "pci"];

/** XL016: what is of the wrong kind counts as left out, of which xl only warns, or not even that. */
export const kinds: Check = ({ guests }, report) => {
  for (const guest of guests) {
    const leftOut = (key: string, found: string, read: string) => {
      report("XL016", settingPlace(guest, key), { key, found, read, outcome: "it counts as left out" });
    };
    for (const key of LISTS) if (isList(guest, key) === false) leftOut(key, "a single value", "a list");
    for (const key of SINGLE) if (isList(guest, key) === true) leftOut(key, "a list", "a single value");
    for (const key of ENDED_BY_LIST) {
      const at = endedAt(guest, key);
      if (at === -1) continue;
      const outcome = "it and every item behind it count as left out";
      const told = { key: `${key}[${at}]`, found: "a list", read: "a text", outcome };
      report("XL016", settingPlace(guest, key, at), told);
    }
  }
};

/** Undefined where it is not set. */
function isList({ parsed }: LintGuest, key: string): boolean | undefined {
  const value = parsed?.settings.get(key)?.value;
  return value === undefined ? undefined : value.kind === "list";
}

/** Index of a list's first item that is a list; -1 where none is. */
function endedAt({ parsed }: LintGuest, key: string): number {
  const value = parsed?.settings.get(key)?.value;
  return value?.kind === "list" ? value.items.findIndex((item) => item.kind === "list") : -1;
}
