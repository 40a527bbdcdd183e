/** An option of Xen's command line, as written. */
export interface XenOption {
  readonly name: string;
  /** The text behind the first `=`, or null: there is none. */
  readonly value: string | null;
}

/** The options of Xen's command line, in order. They are separated by blanks; Xen knows no quotes. */
export function xenOptions(cmdline: string): XenOption[] {
  return cmdline
    .split(/[ \t\n]+/)
    .filter((word) => word !== "")
    .map((word) => {
      const at = word.indexOf("=");
      return at === -1 ? { name: word, value: null } : { name: word.slice(0, at), value: word.slice(at + 1) };
    });
}
