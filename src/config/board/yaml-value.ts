import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  Parser,
  type YAMLMap,
} from "yaml";

/** A YAML document as plain values (null-prototype objects, arrays, scalars), and where in the text each of them is. */
export interface YamlValue {
  readonly value: unknown;
  /** Line of the field or list item at `path`, from 1; of the nearest container that exists, where it does not. */
  lineOf(path: readonly PropertyKey[]): number;
}

/** What is wrong with a text, and on which line (from 1), or null where the whole of it is meant. */
export interface YamlIssue {
  readonly line: number | null;
  readonly message: string;
}

/** Longest text that is read, in UTF-16 code units: the largest boards we promise have about six million. */
const YAML_TEXT_MAX = 16 * 1024 * 1024;

/** The parser takes about a kilobyte a lexeme: what has more of them is refused before it fills the memory. */
const LEXEMES_MAX = 6_000_000;

/** An alias costs nothing, but what it stands for is read again by whoever walks the value. */
const VALUES_MAX = 2_000_000;

/** Errors after which reading stops: nobody reads more, and a hostile text has millions. */
const ERRORS_MAX = 50;

/**
 * Reads one YAML 1.2 document (core schema; JSON is YAML). Duplicate keys, unknown tags, several documents, aliases that
 * grow without bound and control characters are issues; nothing throws, and the time is linear in the text.
 */
export function readYaml(text: string): YamlValue | readonly YamlIssue[] {
  if (text.length > YAML_TEXT_MAX) {
    return [
      { line: null, message: `the text has ${text.length} characters, at most ${YAML_TEXT_MAX} are read` },
    ];
  }
  const control = firstForbidden(text);
  if (control !== null) return [control];
  const { documents, issues } = compose(text);
  if (issues.length > 0) return issues;
  const [document, second] = documents;
  if (second !== undefined) {
    return [{ line: lineAt(text, second.range[0]), message: "a second document begins, allowed is one" }];
  }
  if (document === undefined || document.contents === null || isEmpty(document.contents)) {
    return [{ line: null, message: "the file is empty" }];
  }
  const { explicit, version } = document.directives.yaml;
  if (explicit === true && version !== "1.2")
    return [{ line: null, message: `found YAML ${version}, allowed is YAML 1.2` }];
  return new Reader(text, document.contents).read();
}

/** Whether {@link readYaml} found issues. */
export function isYamlIssues(result: YamlValue | readonly YamlIssue[]): result is readonly YamlIssue[] {
  return Array.isArray(result);
}

/** A document of nothing but comments is a null that nobody wrote. */
function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === null && (node.source ?? "") === "";
}

/** YAML's own forbidden characters, and half surrogate pairs, which have no UTF-8 form to be stored in. */
function firstForbidden(text: string): YamlIssue | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose.
  const found = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\p{Surrogate}/u.exec(text);
  if (found === null) return null;
  const code = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return { line: lineAt(text, found.index), message: `the character U+${code} is not allowed in YAML` };
}

/** Stops the parser, which has no way of its own to be told that it is enough. Never leaves this file. */
class TooMany extends Error {}

/** Where the parser's errors are: an offset, a range of offsets, or a token. */
type ErrorSource = number | readonly number[] | { readonly offset: number };

type Note = (offset: number, message: string) => void;

function compose(text: string): { documents: Document.Parsed[]; issues: YamlIssue[] } {
  const issues: YamlIssue[] = [];
  const documents: Document.Parsed[] = [];
  const note: Note = (offset, message) => {
    // It catches what is thrown inside, to report that once more.
    if (issues.length < ERRORS_MAX) {
      issues.push({ line: lineAt(text, offset), message: message.split("\n", 1)[0] ?? "" });
    }
    if (issues.length === ERRORS_MAX) throw new TooMany();
  };
  // Its own search for duplicate keys compares every pair of keys.
  const composer = new Composer({ version: "1.2", uniqueKeys: false, logLevel: "silent" });
  // Collecting errors is what it does by itself too, but without an end.
  const onError = (source: ErrorSource, code: string, message: string): void => {
    const offset =
      typeof source === "number" ? source : "offset" in source ? source.offset : (source[0] ?? 0);
    note(offset, code === "RESOURCE_EXHAUSTION" ? "it is nested too deeply" : message);
  };
  composer["onError"] = onError;
  try {
    for (const document of composer.compose(tokens(text, note))) {
      // The few errors that do not come through onError.
      for (const error of document.errors) note(error.pos[0], error.message);
      documents.push(document);
      if (documents.length > 1) break;
    }
    for (const error of composer.streamInfo().errors) note(error.pos[0], error.message);
  } catch (error) {
    if (!(error instanceof TooMany)) throw error;
  }
  return { documents, issues };
}

function* tokens(text: string, note: Note): Generator<CST.Token, void> {
  const parser = new Parser();
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    if (lexemes > LEXEMES_MAX) {
      note(parser.offset, `there is too much in it: over ${LEXEMES_MAX} words and signs up to here`);
      throw new TooMany();
    }
    yield* parser.next(lexeme);
  }
  yield* parser.end();
}

/** Turns the nodes of one document into plain values. */
class Reader implements YamlValue {
  value: unknown = null;
  readonly #text: string;
  readonly #root: Node;
  readonly #issues: YamlIssue[] = [];
  /** What each anchor stands for from here on; undefined while inside it. */
  readonly #anchors = new Map<string, Made | undefined>();
  /** The node that each alias stands for: to find lines through it. */
  readonly #targets = new Map<Node, Node>();

  constructor(text: string, root: Node) {
    this.#text = text;
    this.#root = root;
  }

  read(): YamlValue | readonly YamlIssue[] {
    const { value, size } = this.#make(this.#root);
    this.value = value;
    if (size > VALUES_MAX) {
      return [
        {
          line: null,
          message: `there are too many values in it, aliases counted: at most ${VALUES_MAX} are read`,
        },
      ];
    }
    return this.#issues.length > 0 ? this.#issues : this;
  }

  #make(node: Node): Made {
    if (isAlias(node)) return this.#follow(node);
    const anchor = "anchor" in node ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, undefined);
    const made = this.#makeOwn(node);
    if (anchor !== undefined) this.#anchors.set(anchor, made);
    return made;
  }

  #makeOwn(node: Node): Made {
    if (isMap(node)) return this.#makeMap(node);
    if (!isSeq(node)) {
      const value = isScalar(node) ? node.value : null;
      // Minus zero would not survive JSON.
      return { node, value: Object.is(value, -0) ? 0 : value, size: 1 };
    }
    const items: unknown[] = [];
    let size = 1;
    for (const item of node.items) {
      const made = this.#make(item as Node);
      items.push(made.value);
      size += made.size;
    }
    return { node, value: items, size };
  }

  #makeMap(node: YAMLMap): Made {
    const fields: Record<string, unknown> = Object.create(null);
    let size = 1;
    for (const { key, value } of node.items as { key: Node; value: Node | null }[]) {
      const name = fieldName(key);
      if (name === null) this.#note(key, "found a key that is not a name, allowed are plain names");
      else if (name in fields) this.#note(key, `the field ${name} is there twice, allowed is once`);
      const made = value === null ? { value: null, size: 1 } : this.#make(value);
      size += made.size;
      if (name !== null) fields[name] = made.value;
    }
    return { node, value: fields, size };
  }

  #follow(node: Node & { source: string }): Made {
    const target = this.#anchors.get(node.source);
    if (target !== undefined) {
      this.#targets.set(node, target.node);
      return target;
    }
    const within = this.#anchors.has(node.source);
    this.#note(
      node,
      within
        ? `the alias *${node.source} contains itself`
        : `there is no anchor &${node.source} before this alias`,
    );
    return { node, value: null, size: 1 };
  }

  #note(node: Node, message: string): void {
    if (this.#issues.length < ERRORS_MAX) this.#issues.push({ line: this.#line(node), message });
  }

  lineOf(path: readonly PropertyKey[]): number {
    let node: Node = this.#root;
    let shown: Node = node;
    for (const step of path) {
      node = this.#targets.get(node) ?? node;
      if (isSeq(node)) {
        const item = node.items[Number(step)] as Node | undefined;
        if (item === undefined) break;
        node = shown = item;
      } else if (isMap(node)) {
        const pair = (node.items as { key: Node; value: Node | null }[]).find(
          ({ key }) => fieldName(key) === step,
        );
        if (pair === undefined) break;
        shown = pair.key;
        if (pair.value === null) break;
        node = pair.value;
      } else break;
    }
    return this.#line(shown);
  }

  #line(node: Node): number {
    return lineAt(this.#text, node.range?.[0] ?? 0);
  }
}

/** A value, the node it came from, and how many values there are in it. */
interface Made {
  readonly node: Node;
  readonly value: unknown;
  readonly size: number;
}

/** The key as a name, or null where it is a list, a map or nothing. */
function fieldName(key: Node): string | null {
  if (!isScalar(key) || key.value === null) return null;
  return typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line += 1;
  return line;
}
