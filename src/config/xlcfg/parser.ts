import { type Position, quote, type XlCfgIssues } from "./issues.ts";
import { Scanner, type Token } from "./scanner.ts";
import { unquote } from "./string.ts";
import type { XlSetting, XlValue } from "./value.ts";

/** Lists in lists: xl's own parser has a limit too, of ten thousand symbols on its stack. */
const LIST_DEPTH_MAX = 1000;

/** What a statement can end in. */
const STATEMENT_ENDS: readonly Token["kind"][] = ["newline", ";", "end"];

/** What a rule returns where its input does not fit, which it has reported. */
const FAILED = null;

/** A value while it can still grow. */
type Parsed =
  | Exclude<XlValue, { kind: "list" }>
  | { readonly kind: "list"; readonly items: Parsed[]; readonly at: Position };

/** Reads assignments one after the other; after an error it goes on at the next line that looks like one. */
export class XlCfgParser {
  readonly #scanner: Scanner;
  readonly #issues: XlCfgIssues;
  readonly #settings = new Map<string, XlSetting & { readonly value: Parsed }>();
  readonly #warnings: string[] = [];
  #token: Token;

  constructor(text: string, issues: XlCfgIssues) {
    this.#issues = issues;
    this.#scanner = new Scanner(text, issues);
    this.#token = this.#scanner.next();
  }

  parse(): { settings: ReadonlyMap<string, XlSetting>; warnings: readonly string[] } {
    while (!this.#is("end")) {
      if (this.#is(...STATEMENT_ENDS)) this.#advance();
      else if (this.#assignment() === FAILED) this.#recover();
    }
    return { settings: this.#settings, warnings: this.#warnings };
  }

  #is(...kinds: readonly Token["kind"][]): boolean {
    return kinds.includes(this.#token.kind);
  }

  #advance(): Token {
    const token = this.#token;
    this.#token = this.#scanner.next();
    return token;
  }

  /** assignment := NAME ('=' | '+=') value, and then the end of the statement */
  #assignment(): true | typeof FAILED {
    if (!this.#is("name")) return this.#fail("a name");
    const name = this.#advance();
    if (!this.#is("=", "+=")) return this.#fail("= or +=");
    const operator = this.#advance().kind === "=" ? "=" : "+=";
    const value = this.#value(0);
    if (value === FAILED) return FAILED;
    if (!this.#is(...STATEMENT_ENDS)) return this.#fail("a newline or ;");
    this.#assign(name, operator, value);
    return true;
  }

  /** value := STRING | NUMBER | '[' nl list ']' */
  #value(depth: number): Parsed | typeof FAILED {
    const token = this.#token;
    const at = { line: token.line, column: token.column };
    switch (token.kind) {
      case "number":
        this.#advance();
        return { kind: "number", text: token.text, at };
      case "string":
        this.#advance();
        return { kind: "string", text: this.#textOf(token), at };
      case "[":
        if (depth === LIST_DEPTH_MAX) return this.#fail(`at most ${LIST_DEPTH_MAX} lists in each other`);
        this.#advance();
        return this.#list(depth + 1, at);
      default:
        return this.#fail("a string, a number or [");
    }
  }

  /** list := empty | item { ',' nl item } [ ',' nl ], where item := value nl */
  #list(depth: number, at: Position): Parsed | typeof FAILED {
    const items: Parsed[] = [];
    this.#skipNewlines();
    while (!this.#is("]")) {
      const item = this.#value(depth);
      if (item === FAILED) return FAILED;
      items.push(item);
      this.#skipNewlines();
      if (this.#is(",")) {
        this.#advance();
        this.#skipNewlines();
      } else if (!this.#is("]")) return this.#fail(", or ]");
    }
    this.#advance();
    return { kind: "list", items, at };
  }

  #skipNewlines(): void {
    while (this.#is("newline")) this.#advance();
  }

  /** What a string means; where it is wrong, the statement is read on all the same. */
  #textOf(token: Token): string {
    const unquoted = unquote(token.text);
    if ("message" in unquoted) {
      this.#issues.add({ line: token.line, column: token.column + unquoted.at }, unquoted.message);
      return "";
    }
    const nul = unquoted.text.indexOf("\0");
    if (nul === -1) return unquoted.text;
    this.#warnings.push(`line ${token.line}: a NUL character ends the string for xl`);
    return unquoted.text.slice(0, nul);
  }

  #assign(name: Token, operator: "=" | "+=", value: Parsed): void {
    const before = this.#settings.get(name.text)?.value;
    const joined = operator === "=" || before === undefined ? value : join(before, value);
    if (joined !== null) this.#settings.set(name.text, { value: joined, operator, line: name.line });
    else {
      const [list, text] = value.kind === "list" ? ["list", "single value"] : ["single value", "list"];
      this.#issues.add(
        name,
        `found += of a ${list} to ${name.text}, which is a ${text}: allowed is one of its kind`,
      );
    }
  }

  #fail(allowed: string): typeof FAILED {
    // What the scanner could not read it has reported.
    if (!this.#is("bad")) this.#issues.add(this.#token, `found ${show(this.#token)}, allowed is ${allowed}`);
    return FAILED;
  }

  /** Skips the rest of the statement: in a list over several lines too, whose other items begin with no name. */
  #recover(): void {
    while (!this.#is("end")) {
      const ended = STATEMENT_ENDS.includes(this.#advance().kind);
      if (ended && this.#is("name")) return;
    }
  }
}

/** What `+=` makes of two values, or null where one is a list and the other is not. A list grows in place. */
function join(before: Parsed, added: Parsed): Parsed | null {
  if (before.kind !== "list") {
    return added.kind === "list" ? null : { kind: "string", text: before.text + added.text, at: before.at };
  }
  if (added.kind !== "list") return null;
  for (const item of added.items) before.items.push(item);
  return before;
}

function show({ kind, text }: Token): string {
  if (kind === "newline") return "the end of the line";
  if (kind === "end") return "the end of the file";
  return quote(text);
}
