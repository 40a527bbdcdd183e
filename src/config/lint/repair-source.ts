/** Something that keeps a source from compiling, and that its author's meaning is plain of. Line and column from 1. */
export interface SourceDefect {
  readonly kind: "arrow" | "late-property" | "no-version";
  readonly line: number;
  readonly column: number;
}

/** A source that says what its author meant. */
export interface RepairedSource {
  readonly text: string;
  /** What was repaired, in the order of the file. */
  readonly defects: readonly SourceDefect[];
}

/** A comment, an arrow with what follows it, a string, a reference to a path, or what nodes and properties are made of. */
const PIECE =
  /\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|<-{2,}[^\n]*|"(?:[^"\\]|\\[\s\S])*"?|&\{[^}\n]{0,512}\}|[{};]/g;
const COMMENTS = /\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*/g;

/** Nodes in each other: a tree that has more is refused anyway. */
const DEPTH_MAX = 64;

/** An open node of the source. */
interface OpenNode {
  /** Its name; of a node that is not in another, what stands there: `/`, `&label`. */
  readonly name: string;
  hasSubNodes: boolean;
}

/** A property that stands after sub-nodes: where its text is, and the nodes around it, the outermost first. */
interface LateProperty {
  readonly from: number;
  readonly to: number;
  readonly around: readonly string[];
}

/**
 * Makes a source compile that has the usual mistakes of published examples: arrows instead of comments, properties after
 * sub-nodes, no `/dts-v1/`. Nothing else is touched, and all that remains has its line: what is taken out leaves blanks, and a
 * property that has to stand elsewhere is given to its node again at the end, under the number of its own line.
 *
 * @param name what dtc is to call the file
 */
export function repairSource(text: string, name: string): RepairedSource {
  const scan = new SourceScan(text);
  scan.run();
  const places = new Places(text);
  const defects = scan.defects
    .map(({ kind, at }): SourceDefect => ({ kind, ...places.of(at) }))
    .sort((a, b) => a.line - b.line || a.column - b.column);
  const hasVersion = text.replaceAll(COMMENTS, "").includes("/dts-v1/");
  if (!hasVersion) defects.unshift({ kind: "no-version", line: 1, column: 1 });
  const again = scan.late.map((property) => reopened(text, property, places.of(property.from).line, name));
  const parts = [
    hasVersion ? "" : "/dts-v1/;\n",
    marker(1, name),
    ...withoutCuts(text, scan.cuts),
    "\n",
    ...again,
  ];
  return { text: parts.join(""), defects };
}

/** The text in pieces, with blanks for what is left out. */
function withoutCuts(text: string, cuts: readonly (readonly [from: number, to: number])[]): string[] {
  const parts: string[] = [];
  let done = 0;
  for (const [from, to] of cuts) {
    parts.push(text.slice(done, from), text.slice(from, to).replaceAll(/[^\n]/g, " "));
    done = to;
  }
  return [...parts, text.slice(done)];
}

/** Tells dtc which line comes next. */
function marker(line: number, name: string): string {
  return `# ${line} ${JSON.stringify(name)}\n`;
}

/** Lines and columns of a text. */
class Places {
  readonly #starts: readonly number[];

  constructor(text: string) {
    this.#starts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  }

  of(at: number): { readonly line: number; readonly column: number } {
    let [low, high] = [0, this.#starts.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] ?? 0) <= at) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: at - (this.#starts[low] ?? 0) + 1 };
  }
}

/** The property in its node once more: nodes that are opened again are merged. */
function reopened(text: string, { from, to, around }: LateProperty, line: number, name: string): string {
  const [outermost = "/", ...inner] = around;
  const open = [outermost, ...inner].map((node) => `${node} {\n`).join("");
  // What was an arrow in its text is one still.
  const property = text.slice(from, to).replaceAll(PIECE, (piece) => (piece.startsWith("<-") ? "" : piece));
  return `${open}${marker(line, name)}${property}\n${"};\n".repeat(around.length)}`;
}

/** Goes through a source once. */
class SourceScan {
  readonly defects: { readonly kind: SourceDefect["kind"]; readonly at: number }[] = [];
  /** Ranges to be left out, in order. */
  readonly cuts: (readonly [from: number, to: number])[] = [];
  readonly late: LateProperty[] = [];
  readonly #text: string;
  readonly #open: OpenNode[] = [];
  /** Where the statement begins that is being read, or null: nothing of it yet. */
  #statement: number | null = null;
  /** Whether the node that was closed last still lacks its semicolon. */
  #closed = false;

  constructor(text: string) {
    this.#text = text;
  }

  run(): void {
    let done = 0;
    for (const match of this.#text.matchAll(PIECE)) {
      this.#between(done, match.index);
      this.#piece(match[0], match.index);
      done = match.index + match[0].length;
    }
  }

  #between(from: number, to: number): void {
    if (this.#statement !== null) return;
    const first = this.#text.slice(from, to).search(/\S/);
    if (first !== -1) this.#statement = from + first;
  }

  #piece(piece: string, at: number): void {
    if (piece === "{") this.#begin(at);
    else if (piece === "}") this.#end();
    else if (piece === ";") this.#semicolon(at + 1);
    else if (piece.startsWith("<-")) {
      this.defects.push({ kind: "arrow", at });
      // One inside a late property goes with it.
      this.cuts.push([at, at + piece.length]);
    } else if (!piece.startsWith("/")) this.#statement ??= at;
  }

  #begin(at: number): void {
    const header = this.#text.slice(this.#statement ?? at, at).replaceAll(COMMENTS, " ");
    const words = header.split(/\s+/).filter((word) => word !== "" && !/^(?:\w+:|\/[\w-]+\/)$/.test(word));
    this.#open.push({ name: (words.at(-1) ?? "").replace(/^\w+:/, ""), hasSubNodes: false });
    this.#statement = null;
    this.#closed = false;
  }

  #end(): void {
    this.#open.pop();
    const above = this.#open.at(-1);
    if (above !== undefined) above.hasSubNodes = true;
    this.#statement = null;
    this.#closed = true;
  }

  #semicolon(to: number): void {
    const from = this.#statement;
    const isLate = !this.#closed && this.#open.at(-1)?.hasSubNodes === true;
    // A directive (/delete-node/, …) may stand anywhere.
    if (from !== null && isLate && this.#text[from] !== "/" && this.#open.length <= DEPTH_MAX) {
      this.defects.push({ kind: "late-property", at: from });
      this.late.push({ from, to, around: this.#open.map(({ name }) => name) });
      this.#cut(from, to);
    }
    this.#statement = null;
    this.#closed = false;
  }

  /** Leaves a statement out, with the arrows in it. */
  #cut(from: number, to: number): void {
    while ((this.cuts.at(-1)?.[0] ?? -1) >= from) this.cuts.pop();
    this.cuts.push([from, to]);
  }
}
