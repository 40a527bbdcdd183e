import type { WhatIfBody } from "#api/contract.ts";
import { microseconds } from "#api/position.ts";
import { whatIfAsked } from "#api/what-if-asked.ts";
import { isProblem, type Problem, readEach, refusedRequest } from "#base/problem.ts";
import type { CommandPlace } from "#replay/whatif/plan.ts";
import type { WhatIfReport } from "#replay/whatif/report.ts";
import { askWhatIf } from "#simulate/asking/what-if.ts";
import { openForReading } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";
import { client, type ReadingOptions } from "../options.ts";
import { slowProgress } from "../progress.ts";

/** What `scmictl whatif` is told, as typed. */
export interface WhatIfOptions extends ReadingOptions {
  readonly at: string;
  readonly to?: string;
  readonly skip?: readonly string[];
  readonly insert?: readonly string[];
  readonly change?: readonly string[];
  readonly time?: readonly string[];
  readonly set?: readonly string[];
  readonly profile?: string;
  readonly xenVersion?: string;
  readonly rules?: number;
}

/** Asks a log file, or a server, what would have been; the log is only read. */
export async function whatIfOf(options: WhatIfOptions): Promise<WhatIfReport | Problem> {
  const body = bodyOf(options);
  if (isProblem(body)) return body;
  if (options.db !== undefined) return whatIfOfFile(options.db, body);
  const answer = await client(options).send("POST", "/v1/whatif", { ...body }, undefined);
  return answer as WhatIfReport | Problem;
}

function whatIfOfFile(file: string, body: WhatIfBody): WhatIfReport | Problem {
  const db = openForReading(file);
  if (isProblem(db)) return db;
  const progress = slowProgress("playing");
  try {
    const asked = whatIfAsked(body, (name, text) => seqOfMoment(new LogReader(db), name, text));
    if (isProblem(asked)) return asked;
    return askWhatIf(db, asked, (done, total) => progress(done, total, "commands"));
  } finally {
    db.close();
  }
}

/** The seq that a moment means, as the server takes it: itself, or the last event that is not after a time. */
export function seqOfMoment(reader: LogReader, name: string, text: string): number | Problem {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const timeUs = microseconds(text);
  if (timeUs !== null) return reader.seqAt(timeUs);
  const allowed = "a seq, or a time with its zone, such as 2026-11-20T23:49:28.000001Z";
  return refusedRequest(`${name}: found ${JSON.stringify(text)}, allowed is ${allowed}`);
}

function bodyOf(options: WhatIfOptions): WhatIfBody | Problem {
  const { at, to, profile, xenVersion, rules } = options;
  const skip = readEach(options.skip, (text) => placeOf("--skip", text));
  if (isProblem(skip)) return skip;
  const insert = readEach(options.insert, (text) => {
    const { place, rest } = split("--insert", text);
    if (isProblem(place)) return place;
    if (!("seq" in place))
      return refusedRequest("--insert: found a command's id, allowed is the seq of an event");
    const command = commandOf("--insert", rest);
    return isProblem(command) ? command : { ...place, command };
  });
  if (isProblem(insert)) return insert;
  const change = readEach(options.change, (text) => {
    const { place, rest } = split("--change", text);
    if (isProblem(place)) return place;
    const command = commandOf("--change", rest);
    return isProblem(command) ? command : { ...place, command };
  });
  if (isProblem(change)) return change;
  const time = readEach(options.time, (text) => {
    const { place, rest } = split("--time", text);
    return isProblem(place) ? place : { ...place, time: rest };
  });
  if (isProblem(time)) return time;
  const set = readEach(options.set, fieldOf);
  if (isProblem(set)) return set;
  return { at, to, skip, insert, change, time, set, profile, xenVersion, rules };
}

/** `41 {"do":…}` taken apart at its first blank. */
function split(
  option: string,
  text: string,
): { readonly place: CommandPlace | Problem; readonly rest: string } {
  const trimmed = text.trim();
  const at = trimmed.search(/[\s{]/);
  const [before, rest] = at === -1 ? [trimmed, ""] : [trimmed.slice(0, at), trimmed.slice(at).trim()];
  return { place: placeOf(option, before), rest };
}

/** `41`: an event, `command:12`: a command. */
function placeOf(option: string, text: string): CommandPlace | Problem {
  const match = /^(command:)?(\d{1,15})$/.exec(text);
  if (match === null) {
    return refusedRequest(
      `${option}: found ${JSON.stringify(text)}, allowed are the seq of an event, and command:ID`,
    );
  }
  const number = Number(match[2]);
  return match[1] === undefined ? { seq: number } : { commandId: number };
}

/** A line of a script; what it asks for is looked at by whoever plays it. */
function commandOf(option: string, line: string): { do: string } | Problem {
  const json = jsonOr(line, null);
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as { do: string };
  return refusedRequest(
    `${option}: found ${JSON.stringify(line)}, which is not JSON of an object, allowed is a command as scripts have it: {"do":…}`,
  );
}

/** A field's value is JSON, or else the text as it stands. */
function fieldOf(text: string): { path: string; value: unknown } | Problem {
  const at = text.indexOf("=");
  const value = text.slice(at + 1);
  if (at > 0) return { path: text.slice(0, at), value: jsonOr(value, value) };
  return refusedRequest(
    `--set: found ${JSON.stringify(text)}, allowed is path=value, such as firmware.clocks[1].rate=5000`,
  );
}

function jsonOr(text: string, fallback: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return fallback;
  }
}
