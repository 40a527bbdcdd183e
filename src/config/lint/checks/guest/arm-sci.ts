import type { SeriesVersion } from "../../../board/board.ts";
import { suggest } from "../../../suggest.ts";
import { strtoul10, ULONG_MAX } from "../../../xen/c-number.ts";
import { foldCase } from "../../../xen/fold-case.ts";
import { SCI_TYPES } from "../../../xen/sci-type.ts";
import { agentIdsOf } from "../../../xlcfg/arm-sci.ts";
import { quote } from "../../../xlcfg/issues.ts";
import type { Check, Report } from "../../check.ts";
import type { Place } from "../../finding.ts";
import { guestName, settingPlace } from "../../guest-places.ts";
import { refuse } from "./xl-refuses.ts";

/** Pieces that are looked at. */
const PIECES_MAX = 100;
const TYPE = "type=";
const AGENT_ID = "agent_id=";
/** What C's `isspace` takes for a blank. */
const BLANKS = /[ \t\n\v\f\r]/g;
const BLANK_FIRST = /^[ \t\n\v\f\r]/;

/** XL001 to XL006: what xl makes of each piece of `arm_sci`, of which it refuses little. */
export const armSci: Check = ({ guests, xen }, report) => {
  for (const guest of guests) {
    const value = guest.parsed?.settings.get("arm_sci")?.value;
    if (value === undefined) continue;
    const place = settingPlace(guest, "arm_sci");
    if (value.kind === "list") {
      report("XL006", place, { domain: guestName(guest) });
      continue;
    }
    const pieces = value.text.split(",").filter((piece) => piece !== "");
    // The same twice is told once, and of what is plainly no arm_sci at all the beginning is enough.
    const looked = [...new Set(pieces)].slice(0, PIECES_MAX);
    const named = looked.filter((piece) => checkPiece(piece, xen.version, place, report));
    const refused = guest.issues.find(({ key }) => key === "arm_sci");
    if (refused !== undefined && named.length === 0) refuse(guest, refused, report);
    const hasAgent = pieces.some((piece) => piece.startsWith(AGENT_ID));
    if (guest.config?.sci.type === "scmi_smc_multiagent" && !hasAgent) {
      report("XL001", place, { domain: guestName(guest) });
    }
  }
};

/** Whether xl refuses the piece, and that was reported. */
function checkPiece(piece: string, version: SeriesVersion, place: Place, report: Report): boolean {
  if (piece.startsWith(TYPE)) return checkType(piece, place, report);
  if (piece.startsWith(AGENT_ID)) return checkAgentId(piece, version, place, report);
  const bare = piece.replaceAll(BLANKS, "");
  if (bare.startsWith(TYPE) || bare.startsWith(AGENT_ID)) {
    report("XL002", place, { piece: quote(piece), outcome: "ignored by xl" });
  } else report("XL003", place, { key: quote(piece), meant: meantKey(piece) });
  return false;
}

/** A type that xl does not know is refused as a whole; here it is named where only blanks are in the way. */
function checkType(piece: string, place: Place, report: Report): boolean {
  const written = piece.slice(TYPE.length);
  const bare = written.replaceAll(BLANKS, "");
  if (bare === written || !isType(bare)) return false;
  report("XL002", place, { piece: quote(piece), outcome: "refused by xl as an unknown type" });
  return true;
}

function checkAgentId(piece: string, version: SeriesVersion, place: Place, report: Report): boolean {
  const text = piece.slice(AGENT_ID.length);
  const [min, max] = agentIdsOf(version);
  const allowed = `${min} to ${max}`;
  const number = strtoul10(text);
  if (number === null || number.value === ULONG_MAX) {
    report("XL005", place, { value: quote(text), allowed });
    return true;
  }
  const rest = text.slice(number.end);
  const isRefused = number.value < min || number.value > max;
  const isHex = number.value === 0n && /^[xX]/.test(rest);
  if (rest !== "") report("XL004", place, { text: quote(text), value: String(number.value) });
  if (isRefused && !isHex) report("XL005", place, { value: String(number.value), allowed });
  if (rest === "" && BLANK_FIRST.test(text)) {
    report("XL002", place, { piece: quote(piece), outcome: `read as agent ${number.value} by good luck` });
  }
  return isRefused;
}

/** The key that a piece which xl does not know may have been meant for. */
function meantKey(piece: string): string {
  const [name = "", value = ""] = piece.split("=", 2);
  const key = suggest(name, ["type", "agent_id"]);
  if (key !== null) return key;
  if (isType(name) || isType(value)) return "type";
  return /^(.*id|agent.*|[0-9]+)$/i.test(name.trim()) ? "agent_id" : "type or agent_id";
}

function isType(text: string): boolean {
  return SCI_TYPES.some((type) => type === foldCase(text));
}
