import { isProblem } from "#base/problem.ts";
import { strtoul10 } from "../xen/c-number.ts";
import { foldCase } from "../xen/fold-case.ts";
import { SCI_TYPES } from "../xen/sci-type.ts";
import { SHUTDOWN_ACTIONS } from "../xlcfg/guest.ts";
import { parseIomem } from "../xlcfg/iomem.ts";
import { quoted } from "../xlcfg/string.ts";
import type { XlValue } from "../xlcfg/value.ts";
import { parseXlCfg } from "../xlcfg/xlcfg.ts";
import type { StandIns } from "./stand-ins.ts";

const PAGE_BYTES = 0x1000n;
/** Words of an xl.cfg that xl decides by, beside the names of keys. */
const WORDS: ReadonlySet<string> = new Set([
  ...SHUTDOWN_ACTIONS,
  "default",
  "disabled",
  "enabled",
  "share_pt",
]);

/** The keys that xl's half of a domain's creation reads, each with what becomes of one of its texts. */
const KEYS: { readonly [key: string]: (text: string, standIns: StandIns) => string } = {
  name: (text, standIns) => standIns.name(text),
  uuid: (text, standIns) => standIns.domain(text),
  arm_sci: redactArmSci,
  dtdev: (text, standIns) => standIns.path(text),
  pci: (text, standIns) => standIns.word(text),
  iomem: redactIomem,
  irqs: (text, standIns) => (/^\d+$/.test(text) ? text : standIns.word(text)),
  device_tree: (text, standIns) => standIns.word(text),
  passthrough: redactWord,
  on_poweroff: redactWord,
  on_reboot: redactWord,
  on_crash: redactWord,
};

/**
 * An xl.cfg with stand-ins, of which only what a rule reads is left, on the lines on which it stood. Of one that xl cannot read the
 * words are replaced one by one, so that it cannot read that either.
 */
export function redactXlCfg(text: string, standIns: StandIns): string {
  const config = parseXlCfg(text);
  if (isProblem(config)) return redactWords(text, standIns);
  const lines: string[] = new Array(text.split("\n").length).fill("");
  for (const [key, { value, line }] of config.settings) {
    const redact = KEYS[key];
    if (redact === undefined) continue;
    const setting = `${key} = ${written(value, (item) => redact(item, standIns))}`;
    lines[line - 1] = lines[line - 1] ? `${lines[line - 1]}; ${setting}` : setting;
  }
  return lines.join("\n");
}

function written(value: XlValue, redact: (text: string) => string): string {
  if (value.kind === "list") return `[${value.items.map((item) => written(item, redact)).join(", ")}]`;
  const text = redact(value.text);
  return value.kind === "number" && text === value.text ? text : quoted(text);
}

/** The type where it is one, and the digits of the agent; pieces that xl does not know are nobody's business. */
function redactArmSci(text: string, standIns: StandIns): string {
  return text
    .split(",")
    .map((piece) => {
      if (piece === "" || isSciType(piece)) return piece;
      const [key = "", ...rest] = piece.split("=");
      if (rest.length === 0) return standIns.word(piece);
      const value = rest.join("=");
      if (key === "type") return `type=${isSciType(value) ? value : standIns.word(value)}`;
      if (key !== "agent_id") return `${standIns.word(key)}=${standIns.word(value)}`;
      return `agent_id=${strtoul10(value)?.value ?? standIns.word(value)}`;
    })
    .join(",");
}

function isSciType(text: string): boolean {
  return SCI_TYPES.some((type) => type === foldCase(text));
}

function redactWord(text: string, standIns: StandIns): string {
  return WORDS.has(text.toLowerCase()) ? text : standIns.word(text);
}

/** Pages, by their numbers. */
function redactIomem(text: string, standIns: StandIns): string {
  const range = parseIomem(text);
  if (range === null) return standIns.word(text);
  const moved = (page: number) => (standIns.wideAddress(BigInt(page) * PAGE_BYTES) / PAGE_BYTES).toString(16);
  const guest = range.gfn === range.start ? "" : `@${moved(range.gfn)}`;
  return `${moved(range.start)},${range.count.toString(16)}${guest}`;
}

/** Every word but those of xl, and every digit; what is between them is what xl cannot read. */
function redactWords(text: string, standIns: StandIns): string {
  return text.replace(/[A-Za-z0-9_]+/g, (word) => {
    if (word in KEYS || WORDS.has(word) || word === "type" || word === "agent_id") return word;
    return /^\d/.test(word) ? word.replace(/[0-9a-fA-F]/g, "1") : standIns.word(word);
  });
}
