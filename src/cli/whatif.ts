import { isProblem, type Problem, problem } from "#base/problem.ts";
import { changedBoard } from "#config/board/change.ts";
import { boardFromJson, canonicalBoard } from "#config/board/file.ts";
import type { CommandPlace, WhatIfRequest } from "#replay/whatif/plan.ts";
import type { WhatIfReport } from "#replay/whatif/report.ts";
import { whatIf } from "#replay/whatif/whatif.ts";
import { commandOfLine, playOfLine } from "#simulate/plays.ts";
import { openForReading } from "#store/database.ts";

/** What `scmictl whatif` is told, as typed. */
export interface WhatIfOptions {
  readonly db: string;
  readonly at: number;
  readonly to?: number;
  readonly skip?: readonly string[];
  readonly insert?: readonly string[];
  readonly change?: readonly string[];
  readonly set?: readonly string[];
  readonly profile?: string;
  readonly xenVersion?: string;
}

/** Asks a log file what would have been; the file is only read. */
export function whatIfOfFile(options: WhatIfOptions): WhatIfReport | Problem {
  const request = requestOf(options);
  if (isProblem(request)) return request;
  const db = openForReading(options.db);
  if (isProblem(db)) return db;
  try {
    return whatIf(db, request);
  } finally {
    db.close();
  }
}

function requestOf(options: WhatIfOptions): WhatIfRequest | Problem {
  const { at, to, skip = [], insert = [], change = [] } = options;
  const skips = each(skip, (text) => placeOf("--skip", text));
  if (isProblem(skips)) return skips;
  const inserts = each(insert, (text) => {
    const { before, line } = split(text);
    const seq = placeOf("--insert", before);
    if (isProblem(seq)) return seq;
    if (!("seq" in seq))
      return invalid(
        `--insert: found ${before}, allowed is the seq of an event, and a command as scripts have it`,
      );
    const play = playOfLine(line);
    return isProblem(play) ? play : { seq: seq.seq, play };
  });
  if (isProblem(inserts)) return inserts;
  const changes = each(change, (text) => {
    const { before, line } = split(text);
    const place = placeOf("--change", before);
    if (isProblem(place)) return place;
    const command = commandOfLine(line);
    return isProblem(command) ? command : { place, command };
  });
  if (isProblem(changes)) return changes;
  const reconfigure = reconfigureOf(options);
  if (isProblem(reconfigure)) return reconfigure;
  return { at, to, skips, inserts, changes, reconfigure };
}

function each<T extends object>(
  texts: readonly string[],
  read: (text: string) => T | Problem,
): T[] | Problem {
  const found: T[] = [];
  for (const text of texts) {
    const value = read(text);
    if (isProblem(value)) return value;
    found.push(value);
  }
  return found;
}

/** `41 {"do":…}` taken apart at its first blank. */
function split(text: string): { readonly before: string; readonly line: string } {
  const trimmed = text.trim();
  const at = trimmed.search(/[\s{]/);
  return at === -1
    ? { before: trimmed, line: "" }
    : { before: trimmed.slice(0, at), line: trimmed.slice(at).trim() };
}

/** `41`: an event, `command:12`: a command. */
function placeOf(option: string, text: string): CommandPlace | Problem {
  const match = /^(command:)?(\d{1,15})$/.exec(text);
  if (match === null) {
    return invalid(
      `${option}: found ${JSON.stringify(text)}, allowed are the seq of an event, and command:ID`,
    );
  }
  const number = Number(match[2]);
  return match[1] === undefined ? { seq: number } : { commandId: number };
}

function reconfigureOf({
  set = [],
  profile,
  xenVersion,
}: WhatIfOptions): WhatIfRequest["reconfigure"] | Problem {
  const changes = each(set, (text) => {
    const at = text.indexOf("=");
    if (at > 0) return { path: text.slice(0, at), value: fieldValue(text.slice(at + 1)) };
    return invalid(
      `--set: found ${JSON.stringify(text)}, allowed is path=value, such as firmware.clocks[1].rate=5000`,
    );
  });
  if (isProblem(changes)) return changes;
  if (profile !== undefined) changes.push({ path: "firmware.profile", value: profile });
  if (xenVersion !== undefined) changes.push({ path: "xen.version", value: xenVersion });
  if (changes.length === 0) return undefined;
  return {
    describe: (description) => {
      // An old log's board lacks the fields that came later.
      const recorded = boardFromJson(canonicalBoard(description.board));
      const board = isProblem(recorded) ? recorded : changedBoard(recorded, changes);
      return isProblem(board) ? board : { ...description, board };
    },
  };
}

/** JSON, or else the text as it stands. */
function fieldValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function invalid(issue: string): Problem {
  return problem("request-invalid", { issues: [issue] });
}
