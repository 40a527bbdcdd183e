import type { AccessLevel, LevelKind } from "../board/board.ts";
import type { Word } from "./words.ts";

/** The words that permissions and resources begin with, as the tool lists them. */
export const PREFIXES = [
  "base",
  "pd",
  "sys",
  "perf",
  "clk",
  "sensor",
  "rst",
  "volt",
  "lmm",
  "gpr",
  "rtc",
  "button",
  "cpu",
  "perlpi",
  "pin",
  "daisy",
  "ctrl",
  "fault",
  "fusa",
] as const;
export type Prefix = (typeof PREFIXES)[number];

/** What a resource of this prefix is for people. */
export const PREFIX_TEXT: { readonly [P in Prefix]: string } = {
  base: "agents and devices",
  pd: "power domains",
  sys: "the system's power",
  perf: "performance domains",
  clk: "clocks",
  sensor: "sensors",
  rst: "reset domains",
  volt: "voltage domains",
  lmm: "logical machines",
  gpr: "general purpose registers",
  rtc: "real-time clocks",
  button: "buttons",
  cpu: "CPUs",
  perlpi: "peripheral wake-ups",
  pin: "pins",
  daisy: "pin daisies",
  ctrl: "board controls",
  fault: "faults",
  fusa: "functional safety",
};

/** A kind of resource that a board file lists: its field, its levels, and the headers' number of them. */
export interface ListedKind {
  readonly list:
    | "powerDomains"
    | "performanceDomains"
    | "clocks"
    | "sensors"
    | "resets"
    | "voltageDomains"
    | "pins";
  readonly level: LevelKind;
  /** The end of `SM_NUM_…`. */
  readonly count: string;
}

/** Prefixes of resources that a board file lists. The others are SCMI of the vendor's own, or of no list. */
export const LISTED = {
  pd: { list: "powerDomains", level: "power", count: "POWER" },
  perf: { list: "performanceDomains", level: "performance", count: "PERF" },
  clk: { list: "clocks", level: "clock", count: "CLOCK" },
  sensor: { list: "sensors", level: "sensor", count: "SENSOR" },
  rst: { list: "resets", level: "reset", count: "RESET" },
  volt: { list: "voltageDomains", level: "voltage", count: "VOLT" },
  pin: { list: "pins", level: "pin", count: "PIN" },
} as const satisfies Partial<Record<Prefix, ListedKind>>;
export type ListedPrefix = keyof typeof LISTED;
export const LISTED_PREFIXES = Object.keys(LISTED) as ListedPrefix[];

/** Whether resources of this prefix have a list in a board file. */
export function isListed(prefix: Prefix): prefix is ListedPrefix {
  return Object.hasOwn(LISTED, prefix);
}

/** A resource as a line names it. */
export interface ResourceName {
  readonly prefix: Prefix;
  /** With its owner: `DEV_SM_CLK_CAN1`, `BRD_SM_SENSOR_TEMP`. */
  readonly full: string;
  /** What is behind the prefix: `CAN1`. */
  readonly short: string;
}

const RESOURCE = new RegExp(`^(?:([A-Z]+)_SM_)?(${PREFIXES.join("|").toUpperCase()})_(\\w+)$`);

/** The resource that a word is, or null. Without an owner it is the device's. */
export function resourceOf({ name, value }: Word): ResourceName | null {
  if (value !== null) return null;
  const [, owner = "DEV", prefix, short] = RESOURCE.exec(name) ?? [];
  if (prefix === undefined || short === undefined) return null;
  return { prefix: prefix.toLowerCase() as Prefix, full: `${owner}_SM_${prefix}_${short}`, short };
}

/** The resources of a line. `SYS` and `FUSA` count only as its first word. */
export function resourcesOf(words: readonly Word[]): ResourceName[] {
  return words.flatMap((word, index) => {
    const isWhole = index === 0 && (word.name === "SYS" || word.name === "FUSA");
    return resourceOf(isWhole ? { ...word, name: `${word.name}_0` } : word) ?? [];
  });
}

/** The levels that a configuration names, and a board file's word for each. */
export const LEVEL_WORDS: Readonly<Record<string, AccessLevel>> = {
  none: "NONE",
  get: "GET",
  notify: "NOTIFY",
  set: "SET",
  priv: "PRIV",
  exclusive: "EXCLUSIVE",
  all: "EXCLUSIVE",
};
