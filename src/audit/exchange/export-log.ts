import { eventJson, type Names } from "#events/logged.ts";
import type { Database } from "#store/database.ts";
import { isDamaged, LogReader } from "#store/log-reader.ts";
import { TreeReader } from "../tree/tree-reader.ts";
import { type ExportFormat, formOf, type Shown } from "./formats.ts";
import { type End, StoredCommands } from "./stored.ts";

/** Events that are read in one go. */
const PAGE_EVENTS = 500;
/** Migration 0003-audit.sql. */
const TREE_SINCE = 3;

export interface ExportOptions {
  readonly format: ExportFormat;
  /** Events behind this seq; whatever stands before the first event comes only where it is 0. */
  readonly after: number;
  /** The last seq. */
  readonly upTo: number;
  /** What the board knows of the ids in an event's messages. */
  readonly names: (seq: number) => Names;
}

/** What an export ends with: how far the log went, and the root there. */
function endOf(db: Database, headSeq: number): End["end"] {
  const hasTree = (db.pragma("user_version", { simple: true }) as number) >= TREE_SINCE;
  const root = hasTree ? Buffer.from(new TreeReader(db).root(headSeq)).toString("hex") : null;
  return { headSeq, root };
}

/** The line that says that an export is complete. */
export function endLine(db: Database, format: ExportFormat, headSeq: number): string {
  return formOf(format, originOf(db)).end(endOf(db, headSeq));
}

/**
 * Events of the log as lines, some hundred at a time. An event that cannot be read ends it: with the `fault` of it, and nothing more.
 *
 * @param db a connection that reads
 */
export function* exportedLines(
  db: Database,
  { format, after, upTo, names }: ExportOptions,
): Generator<string, { readonly seq: number; readonly fault: string } | null> {
  const form = formOf(format, originOf(db));
  const reader = new LogReader(db);
  const commands = new StoredCommands(db);
  if (after === 0 && form.head !== "") yield form.head;
  for (let from = after + 1; from <= upTo; from += PAGE_EVENTS) {
    let text = "";
    for (const row of reader.rows(from, Math.min(upTo, from + PAGE_EVENTS - 1))) {
      const command = reader.command(row.command_id);
      const event = reader.logged(row);
      if (isDamaged(event)) return event;
      if (command === undefined) return { seq: row.seq, fault: "its command is missing" };
      text += form.line(eventJson(event, names(row.seq)) as Shown, commands.of(row, command));
    }
    if (text !== "") yield text;
  }
  return null;
}

/** Which log it is, or null: it is from before there was a tree. */
function originOf(db: Database): string | null {
  if ((db.pragma("user_version", { simple: true }) as number) < TREE_SINCE) return null;
  return db.prepare<[], string>("SELECT origin FROM audit_log").pluck().get() ?? null;
}
