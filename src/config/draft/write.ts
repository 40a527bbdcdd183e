import { Document, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";
import { type BoardDraft, type DraftMap, type DraftValue, listOf } from "./draft.ts";
import { HEX_FIELDS } from "./text.ts";

/** Columns that a line has if it can be broken. */
const WIDTH = 130;

/**
 * A board file as text. What was assumed is marked `# assumed: …` where it stands: behind a field with the reason, behind an item of a
 * list with the names of its fields.
 *
 * @param header lines of a comment at the head of the file
 */
export function boardText(draft: BoardDraft, header: readonly string[]): string {
  const document = new Document();
  document.contents = new Writer(draft).map(draft.board, [], false) as unknown as typeof document.contents;
  document.commentBefore = header.map((line) => (line === "" ? "" : ` ${line}`)).join("\n");
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: true });
  return `${text.trimEnd().split("\n").map(folded).join("\n")}\n`;
}

/** Breaks a line that is too long behind commas of its maps and lists; YAML does not mind. */
function folded(line: string): string {
  if (line.length <= WIDTH || line.trimStart().startsWith("#")) return line;
  const indent = " ".repeat(line.length - line.trimStart().replace(/^- /, "").length + 2);
  const lines: string[] = [];
  let current = "";
  for (const piece of pieces(line)) {
    if (current !== "" && current.length + piece.length > WIDTH) {
      lines.push(current.trimEnd());
      current = indent + piece;
    } else current += piece;
  }
  return [...lines, current].join("\n");
}

/** A line cut behind each comma that is not in quotes; what follows the last bracket is one piece. */
function pieces(line: string): string[] {
  const comment = line.indexOf(" # assumed: ");
  const written = comment === -1 ? line : line.slice(0, comment);
  const end = Math.max(written.lastIndexOf("}"), written.lastIndexOf("]"));
  const found: string[] = [];
  let from = 0;
  let quote = "";
  for (let at = 0; at < end; at += 1) {
    const character = line[at] as string;
    if (quote !== "") {
      if (character === "\\" && quote === '"') at += 1;
      else if (character === quote) quote = "";
    } else if (character === '"' || (character === "'" && /[ [{]/.test(line[at - 1] ?? " ")))
      quote = character;
    else if (character === "," && line[at + 1] === " ") {
      found.push(line.slice(from, at + 2));
      from = at + 2;
    }
  }
  return [...found, line.slice(from)];
}

class Writer {
  /** Reasons by field: `xen.version`. */
  readonly #fields = new Map<string, string>();
  /** Names of assumed fields by list and id: `firmware.clocks 3`. */
  readonly #items = new Map<string, string[]>();

  constructor({ assumptions }: BoardDraft) {
    for (const assumption of assumptions) {
      const list = listOf(assumption);
      if (list === null || assumption.ids === null) {
        this.#fields.set(assumption.field, assumption.why);
        continue;
      }
      const name = assumption.field.slice(list.length + "[].".length);
      for (const id of assumption.ids) {
        const key = `${list} ${id}`;
        this.#items.set(key, [...(this.#items.get(key) ?? []), name]);
      }
    }
  }

  map(fields: DraftMap, path: readonly string[], flow: boolean): YAMLMap {
    const made = new YAMLMap();
    made.flow = flow;
    for (const [name, value] of Object.entries(fields)) {
      const own = [...path, name];
      const key = new Scalar<string | number>(/^(0|[1-9]\d*)$/.test(name) ? Number(name) : name);
      const node = this.#value(value, own, name, flow);
      const why = this.#fields.get(own.join("."));
      // A comment behind a list would stand at its end.
      if (why !== undefined && !flow) {
        if (node instanceof Scalar || node.flow === true) node.comment = ` assumed: ${why}`;
        else key.commentBefore = ` assumed: ${why}`;
      }
      made.items.push(new Pair(key, node));
    }
    return made;
  }

  #value(
    value: DraftValue,
    path: readonly string[],
    name: string,
    flow: boolean,
  ): Scalar | YAMLMap | YAMLSeq {
    if (Array.isArray(value)) return this.#list(value as readonly DraftValue[], path, flow);
    if (isMap(value)) return this.map(value, path, flow || isFlat(value));
    const scalar = new Scalar(value);
    if (typeof value === "number" && HEX_FIELDS.has(name)) scalar.format = "HEX";
    return scalar;
  }

  #list(values: readonly DraftValue[], path: readonly string[], flow: boolean): YAMLSeq {
    const made = new YAMLSeq();
    made.flow = flow || values.every((value) => !isMap(value));
    for (const value of values) {
      const node = this.#value(value, path, "", true);
      const id = isMap(value) ? value["id"] : undefined;
      const assumed = this.#items.get(`${path.join(".")} ${String(id)}`);
      if (assumed !== undefined && made.flow !== true) node.comment = ` assumed: ${assumed.join(", ")}`;
      made.items.push(node);
    }
    return made;
  }
}

function isMap(value: DraftValue): value is DraftMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a map goes on one line: its keys are ids, or there is nothing in it. */
function isFlat(value: DraftMap): boolean {
  const entries = Object.entries(value);
  return entries.every(([key, each]) => /^\d+$/.test(key) && (typeof each !== "object" || each === null));
}
