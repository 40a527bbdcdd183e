import { type FirmwareConfig, SERIES_VERSIONS } from "#config/board/board.ts";
import { SWITCHES } from "#config/board/switches.ts";
import { PROFILE_TABLE, profileOf } from "#firmware/profiles.ts";
import { RULE_VERSIONS } from "./rule-version.ts";
import type { Configuration } from "./state/state.ts";

type SwitchValue = string | number | boolean;

/** A configuration that differs in one setting. */
export interface Variation {
  /** `rules`, or a field of the board as messages show it: `firmware.switches.deniedStatus`. */
  readonly setting: string;
  readonly from: SwitchValue;
  readonly to: SwitchValue;
  readonly configuration: Configuration;
}

/**
 * Every configuration that differs from one in a single thing that rules go by, the most particular first: the version of the rules,
 * a switch, the version of Xen's series, the whole profile.
 */
export function* variations(configuration: Configuration): Generator<Variation> {
  const { board, rules } = configuration;
  const { firmware, xen } = board;
  for (const version of RULE_VERSIONS) {
    if (version === rules) continue;
    yield { setting: "rules", from: rules, to: version, configuration: { ...configuration, rules: version } };
  }
  const withFirmware = (changed: Partial<FirmwareConfig>): Configuration => ({
    ...configuration,
    board: { ...board, firmware: { ...firmware, ...changed } },
  });
  for (const { name, from, to } of otherSwitches(firmware)) {
    const switches = { ...firmware.switches, [name]: to };
    yield { setting: `firmware.switches.${name}`, from, to, configuration: withFirmware({ switches }) };
  }
  for (const version of others(SERIES_VERSIONS, xen.version)) {
    const changed = { ...configuration, board: { ...board, xen: { ...xen, version } } };
    yield { setting: "xen.version", from: xen.version, to: version, configuration: changed };
  }
  for (const { name } of PROFILE_TABLE) {
    if (name === firmware.profile) continue;
    const changed = withFirmware({ profile: name });
    yield { setting: "firmware.profile", from: firmware.profile, to: name, configuration: changed };
  }
}

/** The other versions, the nearest first. */
function others<T>(versions: readonly T[], own: T): T[] {
  const distance = (version: T): number => Math.abs(versions.indexOf(version) - versions.indexOf(own));
  return versions.filter((version) => version !== own).sort((a, b) => distance(a) - distance(b));
}

/** Statuses of a firmware that fails, which no switch makes it answer unless a profile says so. */
const FAILURES: ReadonlySet<SwitchValue> = new Set([
  "BUSY",
  "COMMS_ERROR",
  "GENERIC_ERROR",
  "HARDWARE_ERROR",
  "PROTOCOL_ERROR",
]);

/** What else each switch can be; where that is a number, what other profiles have. */
function* otherSwitches(firmware: FirmwareConfig) {
  const own: Record<string, SwitchValue> = { ...profileOf(firmware).switches, ...firmware.switches };
  for (const [name, { values }] of Object.entries(SWITCHES)) {
    const from = own[name];
    const profiles = PROFILE_TABLE.map(({ switches }) => (switches as Record<string, SwitchValue>)[name]);
    const possible = new Set([...profiles, ...(values ?? [])]);
    for (const to of possible) {
      if (from === undefined || to === undefined || to === from) continue;
      if (profiles.includes(to) || !FAILURES.has(to)) yield { name, from, to };
    }
  }
}
