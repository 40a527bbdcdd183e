import { type XenOption, xenOptions } from "./cmdline.ts";

const VALUES = new Map<string, boolean>([
  ["yes", true],
  ["on", true],
  ["true", true],
  ["enable", true],
  ["1", true],
  ["no", false],
  ["off", false],
  ["false", false],
  ["disable", false],
  ["0", false],
]);

/**
 * A boolean option of Xen's command line: `name`, `no-name`, or `name=` with yes, on, true, enable, 1 and their opposites; case
 * counts, and the last one wins. A value that is none of these leaves what was; `no-` before a value turns it around.
 *
 * @returns null where the option is not given, or never readably
 * @see Xen's docs/misc/xen-command-line.pandoc, "Boolean"; `parse_params`, `parse_bool`
 */
export function booleanXenOption(cmdline: string, name: string): boolean | null {
  let value: boolean | null = null;
  for (const option of xenOptions(cmdline)) value = meaningOf(option, name) ?? value;
  return value;
}

/** What an option makes of `name`; undefined: it is another's, or cannot be read. */
function meaningOf(option: XenOption, name: string): boolean | undefined {
  const isInverted = option.name === `no-${name}`;
  if (!isInverted && option.name !== name) return undefined;
  const given = option.value === null || option.value === "" ? true : VALUES.get(option.value);
  return given === undefined ? undefined : given !== isInverted;
}
