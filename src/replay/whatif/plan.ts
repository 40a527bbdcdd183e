import { isProblem, type Problem, problem, refusedRequest } from "#base/problem.ts";
import type { Command } from "#machine/commands/commands.ts";
import type { FaultList } from "#machine/fault-list.ts";
import { Machine } from "#machine/machine.ts";
import { RULE_VERSIONS } from "#machine/rule-version.ts";
import type { Database } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";
import { outsidePack } from "#store/packs.ts";
import { sha256 } from "../hash.ts";
import { bootOutsidePack } from "../pack/read-pack.ts";
import { rebuildTo } from "../rebuild.ts";

/** What a host was configured from. */
export type Description = Extract<Command, { kind: "host.configure" }>["description"];

/** What is played in a fork: a command, or something below the mediator that records nothing. */
export type Play =
  | { readonly kind: "command"; readonly command: Command }
  | { readonly kind: "below"; readonly act: (machine: Machine, faults: FaultList) => void };

/** A recorded command, named by its id or by the seq of one of its events. */
export type CommandPlace = { readonly commandId: number } | { readonly seq: number };

/** A fork of a log, and what goes otherwise in it. Positions are seqs, each rounded up to its command's end. */
export interface WhatIfRequest {
  /** The fork begins after this event; 0: before the first one. */
  readonly at: number;
  /** The last event that is played again; left out: the log's head. */
  readonly to?: number | undefined;
  readonly skips?: readonly CommandPlace[];
  /** Played in place of a recorded command. */
  readonly changes?: readonly { readonly place: CommandPlace; readonly command: Command }[];
  /** Played behind the command that has the event; several at one place in the order given. */
  readonly inserts?: readonly { readonly seq: number; readonly play: Play }[];
  /** Recorded commands at another time: UTC, microseconds. */
  readonly times?: readonly { readonly place: CommandPlace; readonly timeUs: number }[];
  /** The host configured otherwise: then the fork begins before the host's configuration, for the boot depends on it. */
  readonly reconfigure?: Reconfiguration | undefined;
}

/** In what a host is configured otherwise. */
export interface Reconfiguration {
  /** Makes another board of the recorded one; left out: it is the same. */
  readonly describe?: (description: Description) => Description | Problem;
  /** Version of the rules that the host is decided by; left out: the recorded one. */
  readonly rules?: number;
}

/** A place between two commands. */
export interface Between {
  readonly commandId: number;
  readonly seq: number;
  readonly timeUs: number;
}

/** A request whose every place was found in the log. */
export interface Plan {
  readonly start: Between;
  readonly end: Between;
  readonly skips: ReadonlySet<number>;
  readonly changes: ReadonlyMap<number, Command>;
  readonly times: ReadonlyMap<number, number>;
  /** By the command that they come behind. */
  readonly inserts: ReadonlyMap<number, readonly Play[]>;
  /** Id of the command that configures the host otherwise, or null. */
  readonly reconfigured: number | null;
}

/** Finds what a request names; `position-out-of-range`, `request-invalid` or `log-damaged` where it is not there. */
export function planOf(db: Database, request: WhatIfRequest): Plan | Problem {
  const reader = new LogReader(db);
  const headSeq = reader.headSeq();
  const { at, to = headSeq, skips = [], changes = [], inserts = [], times = [] } = request;
  const { reconfigure } = request;
  const outside = [at, to].find((position) => position < 0 || position > headSeq);
  if (outside !== undefined) return problem("position-out-of-range", { position: outside, headSeq });
  if (at > to) return refusedRequest(`at: found ${at}, allowed are events up to \`to\`, ${to}`);
  const rules = reconfigure?.rules;
  if (rules !== undefined && !RULE_VERSIONS.includes(rules)) {
    return refusedRequest(`rules: found ${rules}, allowed are the versions ${RULE_VERSIONS.join(", ")}`);
  }
  const reconfigured = reconfigure === undefined ? null : bootOf(db, reader, at);
  if (isProblem(reconfigured)) return reconfigured;
  const startSeq = reconfigured === null ? at : (reader.command(reconfigured)?.firstSeq ?? 1) - 1;
  const unreached = reconfigured === null ? outsidePack(db, startSeq) : bootOutsidePack(db, startSeq);
  if (unreached !== null) return unreached;
  const start = endOfCommand(reader, startSeq);
  const end = endOfCommand(reader, to);
  if (start === undefined || end === undefined) {
    return problem("log-damaged", {
      file: db.name,
      why: `the command of event ${start === undefined ? at : to} is missing`,
    });
  }

  const skipped = new Set<number>();
  const changed = new Map<number, Command>();
  const inserted = new Map<number, Play[]>();
  for (const place of skips) {
    const id = played(reader, place, start, end);
    if (typeof id === "string") return refusedRequest(`skip: ${id}`);
    skipped.add(id);
  }
  for (const { place, command } of changes) {
    const id = played(reader, place, start, end);
    if (typeof id === "string") return refusedRequest(`change: ${id}`);
    if (skipped.has(id) || changed.has(id))
      return refusedRequest(`change: command ${id} is skipped or changed already`);
    changed.set(id, command);
  }
  const timed = new Map<number, number>();
  for (const { place, timeUs } of times) {
    const id = played(reader, place, start, end);
    if (typeof id === "string") return refusedRequest(`time: ${id}`);
    if (skipped.has(id) || timed.has(id))
      return refusedRequest(`time: command ${id} is skipped, or has another time already`);
    timed.set(id, timeUs);
  }
  for (const { seq, play } of inserts) {
    const id = seq >= start.seq && seq <= end.seq ? endOfCommand(reader, seq)?.commandId : undefined;
    if (id === undefined)
      return refusedRequest(`insert: found ${seq}, allowed are events ${start.seq} to ${end.seq}`);
    inserted.set(id, [...(inserted.get(id) ?? []), play]);
  }
  if (reconfigured !== null && (skipped.has(reconfigured) || changed.has(reconfigured))) {
    return refusedRequest(
      `skip: command ${reconfigured} configures the host, and the board is changed in it`,
    );
  }
  return { start, end, skips: skipped, changes: changed, times: timed, inserts: inserted, reconfigured };
}

/** Id of the command that configured the host which lived at a moment, or `host-not-booted`; before the first event it is the first command's. */
export function bootOf(db: Database, reader: LogReader, at: number): number | Problem {
  const seq = endOfCommand(reader, Math.max(at, 1))?.seq ?? at;
  const machine = new Machine(sha256);
  const fault = seq === 0 ? null : rebuildTo(machine, db, db.name, seq);
  if (fault !== null) return fault;
  const configuredSeq = machine.state.host.get(0)?.configuredSeq;
  const row = configuredSeq === undefined ? undefined : reader.row(configuredSeq);
  return row?.command_id ?? problem("host-not-booted", {});
}

/** The end of the command that an event belongs to. */
export function endOfCommand(reader: LogReader, seq: number): Between | undefined {
  if (seq === 0) return { commandId: 0, seq: 0, timeUs: 0 };
  const row = reader.row(seq);
  if (row === undefined) return beforeFirst(reader, seq);
  const command = reader.command(row.command_id);
  return command && { commandId: command.id, seq: command.lastSeq, timeUs: row.time };
}

/** The end of the command before the first one of a pack, of which only the state is there. */
function beforeFirst(reader: LogReader, seq: number): Between | undefined {
  const first = reader.row(seq + 1);
  const before = reader.command((first?.command_id ?? 0) - 1);
  if (first === undefined || before?.lastSeq !== seq) return undefined;
  return { commandId: before.id, seq, timeUs: first.time };
}

/** The id of a command that is played again, or why it is none. */
function played(reader: LogReader, place: CommandPlace, start: Between, end: Between): number | string {
  const isId = "commandId" in place;
  const id = isId ? place.commandId : reader.row(place.seq)?.command_id;
  if (id !== undefined && id > start.commandId && id <= end.commandId) return id;
  if (start.seq >= end.seq) {
    const found = isId ? `command ${id}` : `event ${place.seq}`;
    return `found ${found}, but nothing is played behind event ${end.seq}: allowed is a moment before it to fork at`;
  }
  return isId
    ? `found command ${id}, allowed are commands ${start.commandId + 1} to ${end.commandId}`
    : `found event ${place.seq}, allowed are events ${start.seq + 1} to ${end.seq}`;
}
