/** One thing that dtc (or fdtoverlay) says of its input. */
export interface DtcMessage {
  readonly severity: "error" | "warning";
  /** The file as dtc names it, relative to the directory that it ran in; null where it names none. */
  readonly file: string | null;
  /** Both from 1; null where dtc gives no place. */
  readonly line: number | null;
  readonly column: number | null;
  /** The name of the check that failed, such as `duplicate_label`; null for an error of the syntax. */
  readonly check: string | null;
  readonly message: string;
}

/** Longer lines hold data of the tree, and no message is that long. */
const LINE_CHARS_MAX = 4_096;

/** `file:line.column`, and where it ends: `-column` or `-line.column`. */
const PLACE = String.raw`(?<file>.+?):(?<line>\d+)\.(?<column>\d+)(?:-(?:\d+\.)?\d+)?`;
/** `Error: host.dts:4.3-11 Properties must precede subnodes`; `Lexical error: …` too. */
const SYNTAX = new RegExp(`^(?:Lexical )?(?<kind>[Ee]rror|[Ww]arning): ${PLACE}:? (?<message>.*)$`);
/** `host.dts:4.8-12: ERROR (duplicate_label): /b: Duplicate label 'x' on /b and /a`; without a place in older versions. */
const CHECK = new RegExp(
  String.raw`^(?:${PLACE}: |[^ ]+: )?(?<kind>ERROR|Warning) \((?<check>\w+)\): (?<message>.*)$`,
);
/** What ends dtc. */
const FATAL = /^FATAL ERROR: (?<message>.*)$/;
/** A fatal error that only sums up what was said before it. */
const SUMMARY = /^(?:Unable to parse|Syntax error parsing) input tree$/;

/**
 * Reads what dtc writes to its standard error. Lines of no known form are left out; a fatal error is kept where it is all
 * that is said.
 *
 * @see dtc's srcpos.c, `srcpos_verror`; checks.c, `check_msg`
 */
export function readDtcMessages(stderr: string): DtcMessage[] {
  const messages: DtcMessage[] = [];
  for (const line of stderr.split("\n")) {
    if (line.length > LINE_CHARS_MAX) continue;
    const text = line.trimEnd();
    const message = placed(SYNTAX.exec(text) ?? CHECK.exec(text));
    const fatal = FATAL.exec(text)?.groups?.["message"];
    if (message !== null) messages.push(message);
    else if (fatal !== undefined && !(SUMMARY.test(fatal) && messages.length > 0)) {
      messages.push({ severity: "error", file: null, line: null, column: null, check: null, message: fatal });
    }
  }
  return messages;
}

function placed(match: RegExpExecArray | null): DtcMessage | null {
  const groups = match?.groups;
  if (groups === undefined) return null;
  return {
    severity: groups["kind"]?.toLowerCase() === "warning" ? "warning" : "error",
    file: groups["file"] ?? null,
    line: positive(groups["line"]),
    column: positive(groups["column"]),
    check: groups["check"] ?? null,
    message: groups["message"] ?? "",
  };
}

/** A line or column; dtc says 0 of an empty file. */
function positive(digits: string | undefined): number | null {
  const number = Number(digits ?? 0);
  return number > 0 ? number : null;
}
