import { readdirSync, readFileSync } from "node:fs";
import type { Random } from "../../support/random.ts";
import type { Change } from "../../support/source-program.ts";

/** Pieces of a rule that are turned into others. */
const TURNS: readonly (readonly [from: RegExp, to: string])[] = [
  [/ === /g, " !== "],
  [/ !== /g, " === "],
  [/ < /g, " <= "],
  [/ <= /g, " < "],
  [/ > /g, " >= "],
  [/ >= /g, " > "],
  [/ && /g, " || "],
  [/ \|\| /g, " && "],
  [/ \+ /g, " - "],
  [/ - /g, " + "],
  [/\btrue\b/g, "false"],
  [/\bfalse\b/g, "true"],
  [/"SUCCESS"/g, '"BUSY"'],
  [/"NOT_FOUND"/g, '"DENIED"'],
  [/"DENIED"/g, '"NOT_FOUND"'],
  [/"NOT_SUPPORTED"/g, '"INVALID_PARAMETERS"'],
  [/"INVALID_PARAMETERS"/g, '"OUT_OF_RANGE"'],
  [/"OUT_OF_RANGE"/g, '"INVALID_PARAMETERS"'],
  [/"PROTOCOL_ERROR"/g, '"GENERIC_ERROR"'],
  [/"EINVAL"/g, '"EIO"'],
  [/"E(NOENT|EXIST|BUSY|OPNOTSUPP|NXIO|SRCH)"/g, '"EINVAL"'],
];

/** A place in the source where a piece can be turned. */
interface Spot {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly to: string;
}

/** Every place where a rule can be turned into another, of which one is chosen. */
export class RandomChanges {
  readonly #sources = new Map<string, string[]>();
  readonly #spots: Spot[] = [];

  /** @param folders whose files' rules are meant */
  constructor(folders: readonly string[]) {
    for (const file of folders.flatMap(filesBelow)) {
      const lines = readFileSync(file, "utf8").split("\n");
      this.#sources.set(file, lines);
      for (const [line, text] of lines.entries()) if (isRule(text)) this.#collect(file, line, text);
    }
  }

  pick(random: Random): Change {
    const { file, line, column, length, to } = random.pick(this.#spots);
    const lines = this.#sources.get(file) as string[];
    const text = lines[line] as string;
    const turned = text.slice(0, column) + to + text.slice(column + length);
    // As many of the lines before as make it the only place.
    const whole = lines.join("\n");
    let above = "";
    for (let at = line - 1; whole.split(above + text).length > 2; at -= 1) above = `${lines[at]}\n${above}`;
    return { file, before: above + text, after: above + turned };
  }

  #collect(file: string, line: number, text: string): void {
    for (const [from, to] of TURNS) {
      for (const { index, 0: found } of text.matchAll(from)) {
        this.#spots.push({ file, line, column: index, length: found.length, to });
      }
    }
  }
}

/** Whether a line may hold a rule: no comment, no type, no import; and no loop, which might not end. */
function isRule(text: string): boolean {
  return !/^\s*(\/\/|\/\*|\*|import |export (type|interface)|type |interface |readonly )|\b(while|for) ?\(|doc: /.test(
    text,
  );
}

function filesBelow(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.flatMap((name) => (name.endsWith(".ts") ? [`${folder}/${name}`] : [])).sort();
}
