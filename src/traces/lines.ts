import { createHash } from "node:crypto";

/** A line of a text, without its end. */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** Whether the line went on beyond what is kept of it. */
  readonly isCut: boolean;
}

/** What is known of a text when all of it was read. */
export interface TextFacts {
  readonly bytes: number;
  /** SHA-256, hex. */
  readonly digest: string;
  readonly lines: number;
  /** It stops within a line. */
  readonly endsWithinLine: boolean;
}

/** Bytes that are kept of a line. No tracer writes longer ones; a text without any line end is not to fill the memory. */
const LINE_BYTES = 1024 * 1024;

const LF = 0x0a;
const CR = 0x0d;
const [ESC, BELL] = ["\u001b", "\u0007"];
/** What a terminal takes for commands: colours and cursors, titles, character sets. */
const ESCAPES = new RegExp(
  `${ESC}(?:\\[[0-?]{0,40}[ -/]{0,4}[@-~]|\\][^${BELL}${ESC}]{0,200}(?:${BELL}|${ESC}\\\\)|[()][0-9A-B])`,
  "g",
);

/**
 * The lines of what a console or a tracer wrote, in whatever pieces its bytes come: LF or CR LF ends them, and what coloured them is left
 * out. Keeps no more than a line in memory, and of that at most {@link LINE_BYTES}. Bytes that are not UTF-8 become U+FFFD.
 */
export function* linesOf(chunks: Iterable<Uint8Array>): Generator<Line, TextFacts> {
  const hash = createHash("sha256");
  let bytes = 0;
  let lines = 0;
  let pieces: Uint8Array[] = [];
  let kept = 0;
  let begun = false;
  let isCut = false;
  const keep = (piece: Uint8Array) => {
    begun = true;
    const room = LINE_BYTES - kept;
    if (piece.length > room) isCut = true;
    if (room === 0 || piece.length === 0) return;
    // A copy: whoever reads the file may use its memory again.
    pieces.push(piece.slice(0, room));
    kept += Math.min(piece.length, room);
  };
  const line = (): Line => {
    lines += 1;
    const [only] = pieces;
    const whole = only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces);
    const found = { number: lines, text: textOf(whole, lines === 1), isCut };
    pieces = [];
    kept = 0;
    begun = false;
    isCut = false;
    return found;
  };
  for (const chunk of chunks) {
    bytes += chunk.length;
    hash.update(chunk);
    let at = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, at)) {
      keep(chunk.subarray(at, end));
      yield line();
      at = end + 1;
    }
    if (at < chunk.length) keep(chunk.subarray(at));
  }
  const endsWithinLine = begun;
  if (endsWithinLine) yield line();
  return { bytes, digest: hash.digest("hex"), lines, endsWithinLine };
}

/** A line's bytes as text of its own: a part of it that somebody keeps keeps no more than this line. */
function textOf(bytes: Uint8Array, isFirst: boolean): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === CR) end -= 1;
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset, end).toString("utf8");
  const text = isFirst && raw.startsWith("\ufeff") ? raw.slice(1) : raw;
  return text.includes(ESC) ? text.replace(ESCAPES, "") : text;
}
