import { type Problem, problem } from "#base/problem.ts";
import { wholeLong } from "../xen/c-number.ts";
import { XlCfgIssues } from "./issues.ts";
import { XlCfgParser } from "./parser.ts";
import type { XlSetting } from "./value.ts";

/** Largest xl.cfg that is read, bytes of UTF-8. */
const XLCFG_BYTES_MAX = 1024 * 1024;

/**
 * Reads an xl.cfg by xl's grammar. Every name is kept, known or not, as xl does.
 *
 * @param text the file; a string of bytes outside UTF-8 is best decoded as Latin-1, as they mean nothing to xl
 * @param issues collects what is refused, for a caller that wants the places
 * @returns the settings, or `xlcfg-invalid` (EINVAL) with each issue as `line:column: message`
 * @see tools/libs/util/libxlu_cfg_y.y, libxlu_cfg_l.l
 */
export function parseXlCfg(text: string, issues = new XlCfgIssues()): XlConfig | Problem {
  const bytes = text.length > XLCFG_BYTES_MAX ? text.length : new TextEncoder().encode(text).length;
  if (bytes > XLCFG_BYTES_MAX) {
    return xlCfgProblem([`it has ${bytes} bytes or more, at most ${XLCFG_BYTES_MAX} are read`]);
  }
  // What has no UTF-8 form could not be kept in the log as it was given.
  if (/\p{Surrogate}/u.test(text))
    return xlCfgProblem(["found half of a surrogate pair, allowed is UTF-8 text"]);
  const { settings, warnings } = new XlCfgParser(text, issues).parse();
  return issues.count > 0 ? xlCfgProblem(issues.texts()) : new XlConfig(settings, warnings);
}

/** The refusal of an xl.cfg by xl, which ends the command: nothing was asked of Xen. */
export function xlCfgProblem(issues: readonly string[]): Problem {
  return problem("xlcfg-invalid", { issues }, "EINVAL");
}

/** An xl.cfg as xl's own code asks it: by name and kind. What is of another kind counts as absent. */
export class XlConfig {
  readonly settings: ReadonlyMap<string, XlSetting>;
  /** What xl would have printed so far; asking for the wrong kind adds to it. */
  readonly warnings: string[];

  constructor(settings: ReadonlyMap<string, XlSetting>, warnings: readonly string[]) {
    this.settings = settings;
    this.warnings = [...warnings];
  }

  /**
   * The text of a single value, numbers being texts too. A list is warned of, unless `silent`.
   *
   * @see `xlu_cfg_get_string`
   */
  string(name: string, silent = false): string | undefined {
    const setting = this.settings.get(name);
    if (setting === undefined) return undefined;
    if (setting.value.kind !== "list") return setting.value.text;
    if (!silent) this.#warn(setting, `${name} is a list where a single value is read`);
    return undefined;
  }

  /**
   * A single value as a number, its base told by its prefix (`0x10` is 16, `010` is 8): of 64 bits, signed.
   *
   * @see `xlu_cfg_get_long`
   */
  integer(name: string): bigint | undefined {
    const text = this.string(name);
    const setting = this.settings.get(name);
    if (text === undefined || setting === undefined) return undefined;
    if (setting.operator === "+=") {
      this.#warn(setting, `${name} is read as a number, which += cannot make`);
      return undefined;
    }
    const value = wholeLong(text);
    if (value === undefined) this.#warn(setting, `${name} is not a valid number`);
    return value;
  }

  /**
   * The items of a list: the text of each single value, null for a list in the list. A single value is warned of.
   *
   * @see `xlu_cfg_get_list`, `xlu_cfg_get_listitem`
   */
  list(name: string): readonly (string | null)[] | undefined {
    const setting = this.settings.get(name);
    if (setting === undefined) return undefined;
    if (setting.value.kind === "list") {
      return setting.value.items.map((item) => (item.kind === "list" ? null : item.text));
    }
    this.#warn(setting, `${name} is a single value where a list is read`);
    return undefined;
  }

  /** Items of a list up to the first that is a list itself: how most of xl's code goes through one. */
  leadingTexts(name: string): readonly string[] {
    const items = this.list(name) ?? [];
    const end = items.indexOf(null);
    return (end === -1 ? items : items.slice(0, end)) as readonly string[];
  }

  #warn({ line }: XlSetting, what: string): void {
    this.warnings.push(`line ${line}: ${what}; it counts as left out`);
  }
}
