import type { Place } from "./finding.ts";
import type { LintGuest } from "./input.ts";

/** What messages call a guest: its name, or its file where it has none. */
export function guestName({ file, parsed }: LintGuest): string {
  const name = parsed?.settings.get("name")?.value;
  return name === undefined || name.kind === "list" || name.text === "" ? file : name.text;
}

/** Where a guest's setting is written, or an item of it; the file alone where it is not. */
export function settingPlace({ file, parsed }: LintGuest, key: string, index?: number): Place {
  const value = parsed?.settings.get(key)?.value;
  const item = value?.kind === "list" && index !== undefined ? value.items[index] : value;
  return { file, line: (item ?? value)?.at.line ?? null, node: null };
}
