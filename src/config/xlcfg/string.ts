/** What a quoted string means, or where in it something is not allowed (index of the backslash). */
export type Unquoted = { readonly text: string } | { readonly at: number; readonly message: string };

const CONTROLS: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** A digit and two or three more: what xl accepts for a character in octal. */
const NUMERIC = /[0-7][0-9]{2,3}/y;

/**
 * The text that a string as written (with its quotes) stands for. `\x` is refused always, and an octal escape stands for
 * nothing at all: so xl does.
 *
 * @see tools/libs/util/libxlu_cfg.c, `xlu__cfgl_dequote`
 */
export function unquote(written: string): Unquoted {
  let text = "";
  let at = 1;
  while (at < written.length - 1) {
    const backslash = written.indexOf("\\", at);
    if (backslash === -1) break;
    text += written.slice(at, backslash);
    const escaped = written[backslash + 1] ?? "";
    NUMERIC.lastIndex = backslash + 1;
    const numeric = NUMERIC.exec(written)?.[0];
    if (numeric !== undefined) {
      at = backslash + 1 + numeric.length;
    } else if (escaped === '"' || escaped === "'" || escaped === "\\" || escaped in CONTROLS) {
      text += CONTROLS[escaped] ?? escaped;
      at = backslash + 2;
    } else {
      return { at: backslash, message: explain(escaped) };
    }
  }
  return { text: text + written.slice(at, -1) };
}

function explain(escaped: string): string {
  const found = `found \\${escaped}`;
  if (escaped === "x") return `${found}, which xl refuses always: allowed is the character itself`;
  if (/[0-7]/.test(escaped)) return `${found} with fewer than three digits: allowed is the character itself`;
  return `${found}, allowed after a backslash are \\ " ' a b f n r t v`;
}

/** A text in quotes. Only the quote, the backslash and the line end need an escape; of others xl knows few. */
export function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}
