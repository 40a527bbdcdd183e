import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { AuditLog } from "#audit/audit-log.ts";
import { endLine, exportedLines } from "#audit/exchange/export-log.ts";
import type { ExportFormat } from "#audit/exchange/formats.ts";
import { importLog } from "#audit/exchange/import-log.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { namesAt } from "#machine/views/names.ts";
import { rebuildProjections } from "#projections/catalogue.ts";
import { type Database, openForReading, openForWriting } from "#store/database.ts";
import { isDamaged, LogReader } from "#store/log-reader.ts";
import { wholeLogProblem } from "#store/packs.ts";
import { client, type ReadingOptions } from "../options.ts";
import { note, print, printJson, refuse, write } from "../output.ts";
import { openHostless } from "./hostless-log.ts";
import { rebuilt } from "./log-source.ts";
import { makeLog } from "./new-log.ts";

/** How events are exported. */
export interface ExportEventsOptions extends ReadingOptions {
  readonly format: ExportFormat;
  readonly after: number;
  readonly follow?: boolean;
  readonly out?: string;
}

/** A log file is asked again this often; a server tells by itself. */
const POLL_MS = 200;

/** Exports events from a server or a log file, to standard output or a file. */
export async function exportEvents(options: ExportEventsOptions): Promise<void> {
  const text = options.db === undefined ? await fromServer(options) : fromFile(options.db, options);
  if (isProblem(text)) return refuse(text);
  let fault: Problem | null = null;
  const checked = async function* (): AsyncGenerator<string | Uint8Array> {
    for await (const part of text) {
      if (isProblem(part)) fault = part;
      else yield part;
    }
  };
  if (options.out === undefined) {
    const decoder = new TextDecoder();
    for await (const part of checked()) {
      await write(typeof part === "string" ? part : decoder.decode(part, { stream: true }));
    }
  } else {
    try {
      await pipeline(Readable.from(checked()), createWriteStream(options.out, { flags: "wx" }));
      note(`${options.out}: written`);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return refuse(
        code === "EEXIST"
          ? problem("log-exists", { file: options.out })
          : problem("file-unreadable", { file: options.out, why: message }),
      );
    }
  }
  if (fault !== null) refuse(fault);
}

async function fromServer(
  options: ExportEventsOptions,
): Promise<AsyncIterable<Uint8Array | Problem> | Problem> {
  const { format, after, follow } = options;
  const query = { format, after, follow: follow === true ? "true" : undefined };
  const body = await client(options).download("/v1/audit/export", query);
  if (isProblem(body)) return body;
  return (async function* () {
    try {
      yield* body as unknown as AsyncIterable<Uint8Array>;
      // Following has no end of its own: what ends it in order is a server that stops.
      const stopped = "the server stopped; go on with --after and the last seq that you have";
      if (follow === true) yield problem("server-unreachable", { url: options.url ?? "", why: stopped });
    } catch (error) {
      const why = `it broke off: ${(error as Error).message}`;
      yield problem("server-unreachable", { url: options.url ?? "", why });
    }
  })();
}

async function* fromFile(
  file: string,
  { format, after, follow }: ExportEventsOptions,
): AsyncGenerator<string | Problem> {
  const machine = rebuilt(file);
  if (isProblem(machine)) return yield machine;
  const db = openForReading(file);
  if (isProblem(db)) return yield db;
  try {
    const refusal = wholeLogProblem(db, file, "an export has every event from the first, with its leaf");
    if (refusal !== undefined) return yield refusal;
    const reader = new LogReader(db);
    let at = after;
    for (;;) {
      const upTo = reader.headSeq();
      const found = exportedLines(db, {
        format,
        after: at,
        upTo,
        names: (seq) => namesAt(machine.state, seq),
      });
      for (let next = found.next(); ; next = found.next()) {
        if (next.done !== true) {
          yield next.value;
          continue;
        }
        if (next.value === null) break;
        return yield problem("log-damaged", { file, why: `event ${next.value.seq}: ${next.value.fault}` });
      }
      at = Math.max(at, upTo);
      if (follow !== true) return yield endLine(db, format, at);
      await sleep(POLL_MS);
    }
  } finally {
    db.close();
  }
}

/** Makes a new log of an export, with its tables and a state to start from; nothing of it stays where it is refused. */
export async function importEvents(file: string, log: string, isJson: boolean): Promise<void> {
  const report = await imported(file, log);
  if (isProblem(report)) return refuse(report);
  if (isJson) return printJson(report);
  await print(`${log}: ${report.events} events, root ${report.root}`);
}

async function imported(
  file: string,
  log: string,
): Promise<{ readonly events: number; readonly root: string } | Problem> {
  return await makeLog(log, async (unfinished) => {
    const lines = await linesOf(file);
    if (isProblem(lines)) return lines;
    const report = await filled(unfinished, file, lines);
    const settled = isProblem(report) ? report : await settle(unfinished);
    return isProblem(settled) ? settled : report;
  });
}

async function filled(
  log: string,
  file: string,
  lines: AsyncIterable<string>,
): Promise<{ readonly events: number; readonly root: string } | Problem> {
  const db = openForWriting(log);
  if (isProblem(db)) return db;
  try {
    // Leaves are counted from the first event on where the tree is there before it.
    const audit = AuditLog.open(db, { file: log, name: "imported", newKey: false });
    if (isProblem(audit)) return audit;
    audit.abandon();
    return await importLog(db, file, lines);
  } finally {
    db.close();
  }
}

/** Opens the log as its server would, which folds every event, fills its tables, and keeps a state to start from. */
async function settle(log: string): Promise<Problem | null> {
  const control = await openHostless(log);
  if (isProblem(control)) return control;
  control.exclusively((db) => rebuildProjections(db, wholeLog(db)));
  await control.close();
  return null;
}

function* wholeLog(db: Database) {
  const reader = new LogReader(db);
  for (let at = 0; ; ) {
    const events = reader.events(at, 1000);
    for (const event of events) if (!isDamaged(event)) yield event;
    if (events.length === 0) return;
    at = events.at(-1)?.seq ?? at;
  }
}

async function linesOf(file: string): Promise<AsyncIterable<string> | Problem> {
  const input = file === "-" ? process.stdin : createReadStream(file, { encoding: "utf8" });
  if (file !== "-") {
    const why = await new Promise<string | null>((resolve) => {
      input.once("error", (error: Error) => resolve(error.message));
      input.once("open", () => resolve(null));
    });
    if (why !== null) return problem("file-unreadable", { file, why });
  }
  return createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}
