import { type Position, quote, type XlCfgIssues } from "./issues.ts";

/** A token of an xl.cfg. `text` is as written, quotes and backslashes included. `bad` is reported already. */
export interface Token extends Position {
  readonly kind: "name" | "number" | "string" | "newline" | "end" | "bad" | Sign;
  readonly text: string;
}

type Sign = "=" | "+=" | "[" | "]" | "," | ";";

const NAME = /[a-z][._0-9a-z]*/y;
const NUMBER = /[0-9][0-9a-fx]*/y;
const SIGN = /\+=|[=[\],;]/y;
/** Up to the next blank, but at least one character. */
const BAD = /[^ \t\n][^ \t\n]*/y;

/**
 * Cuts an xl.cfg into tokens. xl's own scanner works on bytes: every character above U+007F stands for bytes that only
 * strings and comments can hold, so the result is the same.
 *
 * @see tools/libs/util/libxlu_cfg_l.l
 */
export class Scanner {
  readonly #text: string;
  readonly #issues: XlCfgIssues;
  readonly #lastNewline: number;
  #at = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string, issues: XlCfgIssues) {
    this.#text = text;
    this.#issues = issues;
    this.#lastNewline = text.lastIndexOf("\n");
  }

  next(): Token {
    const text = this.#text;
    while (text[this.#at] === " " || text[this.#at] === "\t") this.#at += 1;
    const position = { line: this.#line, column: this.#at - this.#lineStart + 1 };
    const first = text[this.#at];
    if (first === undefined) return { kind: "end", text: "", ...position };
    if (first === "\n") return this.#newline(this.#at + 1, position);
    // Without a newline to come, looking for one at every # would take the square of the time.
    if (first === "#" && this.#at < this.#lastNewline) {
      return this.#newline(text.indexOf("\n", this.#at) + 1, position);
    }
    if (first === "'" || first === '"') {
      const end = closingQuote(text, this.#at);
      if (end !== null) return this.#take("string", text.slice(this.#at, end), position);
    }
    const name = this.#match(NAME);
    if (name !== null) return this.#take("name", name, position);
    const number = this.#match(NUMBER);
    if (number !== null) return this.#take("number", number, position);
    const sign = this.#match(SIGN);
    if (sign !== null) return this.#take(sign as Sign, sign, position);
    const bad = this.#match(BAD) ?? first;
    this.#issues.add(position, explain(bad));
    return this.#take("bad", bad, position);
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0] ?? null;
  }

  #take(kind: Token["kind"], text: string, position: Position): Token {
    this.#at += text.length;
    return { kind, text, ...position };
  }

  #newline(end: number, position: Position): Token {
    this.#at = this.#lineStart = end;
    this.#line += 1;
    return { kind: "newline", text: "", ...position };
  }
}

/** The index after the quote that ends the string at `start`, or null where the line or the text ends first. */
function closingQuote(text: string, start: number): number | null {
  const quote = text[start];
  for (let at = start + 1; at < text.length && text[at] !== "\n"; at += 1) {
    if (text[at] === quote) return at + 1;
    if (text[at] === "\\" && text[at + 1] !== "\n") at += 1;
  }
  return null;
}

/** What the text, which begins no token, may have been meant for. */
function explain(text: string): string {
  const found = `found ${quote(text)}`;
  const first = text[0] ?? "";
  if (first === "#")
    return `${found}, a comment that the file ends in: allowed is one that ends in a newline`;
  if (first === "'" || first === '"')
    return `${found}, a string that its line does not end: allowed is one on one line`;
  if (first === "\ufeff")
    return "found U+FEFF, a byte order mark, which editors do not show: allowed is the file without it";
  if (first === "\r") return `${found}, a line end of DOS: allowed is a newline alone`;
  if (first >= "A" && first <= "Z")
    return `${found}, a capital letter: allowed are lower-case names and hex digits`;
  if (first === "_") return `${found}, an underscore: allowed is a name that begins with a letter`;
  if ("+-.():".includes(first)) {
    return `${found}, as in Python, which xl.cfg is not: allowed are numbers of digits, strings ("-1"), names without -`;
  }
  return `${found}, allowed are names, numbers, strings in quotes, and = += [ ] , ; #`;
}
