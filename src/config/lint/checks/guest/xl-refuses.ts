import { ISSUES_MAX } from "../../../first-issues.ts";
import type { GuestIssue } from "../../../xlcfg/guest.ts";
import { type Check, inFile, type Report } from "../../check.ts";
import { guestName, settingPlace } from "../../guest-places.ts";
import type { LintGuest } from "../../input.ts";

/** XL010: what xl's grammar refuses. The same mistake on many lines (DOS line ends) is told once. */
export const grammar: Check = ({ guests }, report) => {
  for (const { file, syntax, parsed, problem } of guests) {
    // What is too large, or no text at all, has no place.
    if (parsed === null && problem !== null && syntax.length === 0) report("LOAD", inFile(file), problem);
    const counts = new Map<string, number>();
    for (const { message } of syntax) counts.set(message, (counts.get(message) ?? 0) + 1);
    for (const { message, line, column } of syntax) {
      const count = counts.get(message);
      if (count === undefined) continue;
      counts.delete(message);
      const more = count === 1 ? "" : ` (and ${count < ISSUES_MAX ? count - 1 : "many"} more like it)`;
      report("XL010", inFile(file, line), { what: `column ${column}: ${message}${more}` });
    }
  }
};

/** XL007, XL008: devices that libxl would pass through, but cannot. */
export const passthrough: Check = ({ guests, xen }, report) => {
  for (const guest of guests) {
    const domain = guestName(guest);
    if (xen.iommu === false && guest.config?.passthrough === "enabled") {
      const key = ["dtdev", "pci"].find((name) => (guest.parsed?.leadingTexts(name).length ?? 0) > 0);
      const what = key ?? "passthrough enabled";
      report("XL007", settingPlace(guest, key ?? "passthrough"), { domain, what });
    }
    if (isDisabledWithDevices(guest)) report("XL008", settingPlace(guest, "passthrough"), { domain });
  }
};

function isDisabledWithDevices({ config, parsed }: LintGuest): boolean {
  if (config === null || parsed === null || config.passthrough === "enabled") return false;
  return config.dtdev.length > 0 || parsed.leadingTexts("pci").length > 0;
}

/** What else xl or libxl refuse in a file that parses, and no rule names. */
export const refusals: Check = ({ guests }, report) => {
  for (const guest of guests) {
    const others = guest.issues.filter((issue) => !isNamed(guest, issue));
    for (const issue of others.slice(0, ISSUES_MAX)) refuse(guest, issue, report);
    const next = others[ISSUES_MAX];
    if (next !== undefined) {
      const more = others.length - ISSUES_MAX - 1;
      refuse(guest, more === 0 ? next : { ...next, message: `${next.message}; and ${more} more` }, report);
    }
  }
};

/** Whether another rule tells of it. */
function isNamed(guest: LintGuest, { key }: GuestIssue): boolean {
  if (key === "name") return isFragment(guest);
  return key === "arm_sci" || (key === "passthrough" && isDisabledWithDevices(guest));
}

/** XL014: products cut an xl.cfg into files, of which only one has a name. */
export const fragments: Check = ({ guests }, report) => {
  for (const guest of guests) if (isFragment(guest)) report("XL014", inFile(guest.file), {});
};

/** What says that a file describes a domain. */
const OF_A_DOMAIN = [
  "name",
  "kernel",
  "firmware",
  "memory",
  "arm_sci",
  "dtdev",
  "iomem",
  "device_tree",
  "uuid",
];

/** Whether a file holds settings, but none that makes a domain of it. */
function isFragment({ parsed }: LintGuest): boolean {
  return parsed !== null && parsed.settings.size > 0 && !OF_A_DOMAIN.some((key) => parsed.settings.has(key));
}

/** Reports a refusal that no rule names. */
export function refuse({ file, problem }: LintGuest, { key, at, message }: GuestIssue, report: Report): void {
  const detail = `xl refuses ${key}: ${message}`;
  report("LOAD", inFile(file, at?.line ?? null), { detail, hint: problem?.hint ?? "" });
}
