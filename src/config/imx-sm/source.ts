/** A line of a configuration as it counts: without its comment, continued lines joined. */
export interface SourceLine {
  readonly file: string;
  /** Number of its first line, from 1. */
  readonly line: number;
  readonly text: string;
}

/** Something that the configuration is refused for. */
export interface SourceIssue {
  /** `file:line`, or the file alone. */
  readonly where: string;
  readonly message: string;
}

/** A file, as whoever reads files found it. */
export interface SourceFile {
  /** Its path for messages; the same file has the same path. */
  readonly file: string;
  readonly text: string;
}

/**
 * Finds and reads a file. An included one is looked for beside the including one, beside the top-level one, and in further
 * folders.
 *
 * @param name as written
 * @param from path of the including file; null for the top-level one
 * @returns the file, or why there is none, in words
 */
export type OpenSource = (name: string, from: string | null) => Promise<SourceFile | string>;

/** `file:line` of a line. */
export function placeOf({ file, line }: SourceLine): string {
  return `${file}:${line}`;
}

/** Files that include each other have no more floors than this. */
const DEPTH_MAX = 64;
/** Lines of all files together; those of a real SoC have some thousand. Files that include others many times over grow without bound. */
const LINES_MAX = 50_000;
const INCLUDES_MAX = 2_000;
/** Issues after which reading ends: nobody reads more. */
const ISSUES_MAX = 50;

/**
 * Reads a configuration and all that it includes, in order. `#` starts a comment wherever it stands, a line that ends with a
 * backslash goes on with the next one, and commas are blanks outside of quotes.
 */
export async function readSource(
  name: string,
  open: OpenSource,
): Promise<{ readonly lines: readonly SourceLine[]; readonly issues: readonly SourceIssue[] }> {
  const reader = new Reader(open);
  const first = await open(name, null);
  if (typeof first === "string") return { lines: [], issues: [{ where: name, message: first }] };
  await reader.read(first, [first.file]);
  return reader;
}

class Reader {
  readonly lines: SourceLine[] = [];
  readonly issues: SourceIssue[] = [];
  readonly #open: OpenSource;
  #includes = 0;
  #stopped = false;

  constructor(open: OpenSource) {
    this.#open = open;
  }

  async read({ file, text }: SourceFile, above: readonly string[]): Promise<void> {
    for (const { line, text: joined } of joinedLines(text)) {
      if (this.#stopped || this.issues.length >= ISSUES_MAX) return;
      if (this.lines.length >= LINES_MAX) {
        this.#stop({ where: `${file}:${line}`, message: `there are over ${LINES_MAX} lines up to here` });
        return;
      }
      const include = /^include\s+(.*)$/.exec(joined)?.[1]?.trim();
      if (include === undefined) {
        if (joined.trim() !== "") this.lines.push({ file, line, text: joined.trim() });
      } else await this.#include(include.replace(/^"(.*)"$/, "$1"), file, line, above);
    }
  }

  async #include(name: string, file: string, line: number, above: readonly string[]): Promise<void> {
    const where = `${file}:${line}`;
    this.#includes += 1;
    if (name === "") {
      this.issues.push({ where, message: "include names no file" });
    } else if (above.length >= DEPTH_MAX || this.#includes > INCLUDES_MAX) {
      const many = `at most ${DEPTH_MAX} deep and ${INCLUDES_MAX} altogether`;
      this.#stop({ where, message: `there are too many includes, ${many}` });
    } else {
      const found = await this.#open(name, file);
      if (typeof found === "string") this.issues.push({ where, message: `include ${name}: ${found}` });
      else if (above.includes(found.file)) {
        const circle = [...above.slice(above.indexOf(found.file)), found.file].join(", ");
        this.issues.push({ where, message: `include ${name} goes in a circle: ${circle}` });
      } else await this.read(found, [...above, found.file]);
    }
  }

  /** Notes an issue after which nothing is read any more. */
  #stop(issue: SourceIssue): void {
    this.issues.push(issue);
    this.#stopped = true;
  }
}

/** Lines without comments, those that a backslash continues joined to the number of the first. */
function* joinedLines(text: string): Generator<{ line: number; text: string }> {
  let number = 0;
  let start = 0;
  let parts: string[] = [];
  for (const raw of text.replace(/^\uFEFF/, "").split("\n")) {
    number += 1;
    if (parts.length === 0) start = number;
    const bare = raw.replaceAll("\r", "").replace(/#.*/s, "");
    // Blanks behind a backslash are an accident; the tool takes the line for whole then, and drops the rest.
    const isContinued = bare.endsWith("\\");
    parts.push(isContinued ? bare.slice(0, -1) : bare);
    if (isContinued) continue;
    yield { line: start, text: parts.join(" ") };
    parts = [];
  }
  if (parts.length > 0) yield { line: start, text: parts.join(" ") };
}
