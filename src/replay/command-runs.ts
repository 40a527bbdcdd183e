import type { Json } from "#base/canonical-json.ts";
import type { CommandRow, EventRow, LogReader } from "#store/log-reader.ts";

/** A command of the log with its event rows, as they lie in the file. */
export interface CommandRun {
  /** Null: the events are there, the command's row is not. */
  readonly command: CommandRow | null;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** By seq from `firstSeq` on; undefined where a row is missing. */
  readonly rows: readonly (EventRow | undefined)[];
  /** The command's time: the one that most of its rows have. */
  readonly timeUs: number;
  /** What is wrong with the rows as rows, whatever they say. */
  readonly faults: readonly RowFault[];
  /** Where reading can go on behind this run. */
  readonly end: LogPlace;
}

/** A column that cannot be right, beside what the others say it should be. */
export interface RowFault {
  readonly seq: number;
  readonly path: string;
  readonly recorded: Json;
  readonly replayed: Json;
}

/** A place between two commands: behind a command, its last event and its time. */
export interface LogPlace {
  readonly commandId: number;
  readonly seq: number;
  readonly timeUs: number;
}

/** Where a log ends. */
export interface LogHead {
  readonly commandId: number;
  readonly seq: number;
}

const COMMANDS_AT_ONCE = 512;
/** Rows behind a command that are looked at to judge its time. */
const ROWS_AHEAD = 2;
/** A last seq this far behind the end of the log is an altered number, not that many deleted rows. */
const DELETED_ROWS_MAX = 10_000;

/**
 * The commands behind `start` with their events, in order and without a gap: every event up to `head` is in exactly one run,
 * even where rows were deleted or their numbers altered. The log is append-only, so it may grow meanwhile.
 */
export function* commandRuns(reader: LogReader, start: LogPlace, head: LogHead): Generator<CommandRun> {
  let { commandId, seq, timeUs } = start;
  for (;;) {
    const listed = reader.commands(commandId, COMMANDS_AT_ONCE + 1).filter(({ id }) => id <= head.commandId);
    const isLast = listed.length <= COMMANDS_AT_ONCE;
    const plans = planned(reader, isLast ? listed : listed.slice(0, -1), listed, { commandId, seq }, head);
    if (isLast) plans.push(...leftOver(plans.at(-1)?.lastSeq ?? seq, head));
    const last = plans.at(-1);
    if (last === undefined) return;

    const rows = bySeq(reader, seq + 1, last.lastSeq + ROWS_AHEAD);
    for (const plan of plans) {
      const own = rows.slice(plan.firstSeq - seq - 1, plan.lastSeq - seq);
      const ahead = rows.slice(plan.lastSeq - seq, plan.lastSeq - seq + ROWS_AHEAD);
      const clock = commandTime(own, timeUs, ahead);
      if (clock.isInOrder) timeUs = clock.timeUs;
      const { command, firstSeq, lastSeq, lastId } = plan;
      const faults = [...plan.faults, ...clock.faults];
      const end = { commandId: lastId, seq: lastSeq, timeUs };
      yield { command, firstSeq, lastSeq, rows: own, timeUs: clock.timeUs, faults, end };
    }
    if (isLast) return;
    commandId = last.lastId;
    seq = last.lastSeq;
  }
}

interface Plan extends Pick<CommandRun, "command" | "firstSeq" | "lastSeq" | "faults"> {
  /** Id of the command, or of the last one that is missing here. */
  readonly lastId: number;
}

/** Which events belong to which command. A number that its neighbours contradict is a fault, and they win. */
function planned(
  reader: LogReader,
  commands: readonly CommandRow[],
  listed: readonly CommandRow[],
  before: { readonly commandId: number; readonly seq: number },
  head: LogHead,
): Plan[] {
  const plans: Plan[] = [];
  let nextId = before.commandId + 1;
  let nextSeq = before.seq + 1;
  for (const [i, command] of commands.entries()) {
    const faults: RowFault[] = [];
    if (command.id > nextId) {
      const gap = missingCommands(nextId, command.id - 1, nextSeq, Math.min(command.firstSeq - 1, head.seq));
      if (gap.lastSeq >= gap.firstSeq) plans.push(gap);
      else faults.push(...gap.faults);
      nextSeq = Math.max(nextSeq, gap.lastSeq + 1);
    }
    if (command.firstSeq !== nextSeq) {
      faults.push({ seq: nextSeq, path: "command.firstSeq", recorded: command.firstSeq, replayed: nextSeq });
    }
    const lastSeq = lastOf(reader, command, nextSeq, listed[i + 1], head);
    if (command.lastSeq !== lastSeq) {
      faults.push({ seq: nextSeq, path: "command.lastSeq", recorded: command.lastSeq, replayed: lastSeq });
    }
    plans.push({ command, firstSeq: nextSeq, lastSeq, faults, lastId: command.id });
    nextId = command.id + 1;
    nextSeq = lastSeq + 1;
  }
  return plans;
}

function missingCommands(firstId: number, lastId: number, firstSeq: number, lastSeq: number): Plan {
  const which = firstId === lastId ? `command ${firstId}` : `commands ${firstId} to ${lastId}`;
  const fault = { seq: firstSeq, path: "missing", recorded: null, replayed: which };
  return { command: null, firstSeq, lastSeq, faults: [fault], lastId };
}

/** Events behind the last command: its row was deleted, or theirs was added. */
function leftOver(seq: number, head: LogHead): Plan[] {
  if (seq >= head.seq) return [];
  const fault = { seq: seq + 1, path: "missing", recorded: null, replayed: "their command" };
  return [{ command: null, firstSeq: seq + 1, lastSeq: head.seq, faults: [fault], lastId: head.commandId }];
}

/** The last event of a command: what its row says, or what the next row says, or as far as the events themselves say so. */
function lastOf(
  reader: LogReader,
  { id, lastSeq }: CommandRow,
  firstSeq: number,
  next: CommandRow | undefined,
  head: LogHead,
): number {
  const nextFirst = next?.id === id + 1 ? next.firstSeq : null;
  if (nextFirst === lastSeq + 1 && lastSeq >= firstSeq && lastSeq <= head.seq) return lastSeq;
  const isOwn = (seq: number): boolean => reader.row(seq)?.command_id === id;
  const endsAt = (seq: number): boolean => seq >= firstSeq && isOwn(seq) && !isOwn(seq + 1);
  if (endsAt(lastSeq)) return lastSeq;
  if (nextFirst !== null && endsAt(nextFirst - 1)) return nextFirst - 1;
  const isCutOff = next === undefined && lastSeq > head.seq && lastSeq <= head.seq + DELETED_ROWS_MAX;
  if (isCutOff) return lastSeq;
  let end = firstSeq;
  while (end < head.seq && isOwn(end + 1)) end += 1;
  return end;
}

/** The rows of a range by position, undefined where one is missing. */
function bySeq(reader: LogReader, from: number, to: number): (EventRow | undefined)[] {
  const found = reader.rows(from, to);
  if (found.length === to - from + 1) return found;
  const rows: (EventRow | undefined)[] = new Array(to - from + 1).fill(undefined);
  for (const row of found) rows[row.seq - from] = row;
  return rows;
}

interface Clock {
  readonly timeUs: number;
  readonly isInOrder: boolean;
  readonly faults: readonly RowFault[];
}

const NO_FAULTS: readonly RowFault[] = [];

/**
 * The one time that a command's rows should have: not before the command before it, nor after what follows. Where the next row
 * has an earlier time, the one after it says which of them is out of order.
 */
function commandTime(
  rows: readonly (EventRow | undefined)[],
  previous: number,
  ahead: readonly (EventRow | undefined)[],
): Clock {
  const first = rows[0]?.time;
  const [next, afterNext] = ahead.map((row) => row?.time ?? Number.POSITIVE_INFINITY);
  const isInOrder = (timeUs: number): boolean => {
    if (timeUs < previous) return false;
    if (next === undefined || timeUs <= next || next < previous) return true;
    return afterNext !== undefined && Number.isFinite(afterNext) && timeUs <= afterNext;
  };
  if (first !== undefined && isInOrder(first) && rows.every((row) => row?.time === first)) {
    return { timeUs: first, isInOrder: true, faults: NO_FAULTS };
  }
  const votes = new Map<number, number>();
  for (const row of rows) if (row !== undefined) votes.set(row.time, (votes.get(row.time) ?? 0) + 1);
  const ranked = [...votes].sort(
    ([a, votesA], [b, votesB]) => votesB - votesA || Number(isInOrder(b)) - Number(isInOrder(a)),
  );
  const chosen = ranked[0]?.[0] ?? previous;
  const right = isInOrder(chosen) ? chosen : previous;
  const faults = rows.flatMap((row) =>
    row === undefined || row.time === right
      ? []
      : [{ seq: row.seq, path: "columns.time", recorded: row.time, replayed: right }],
  );
  return { timeUs: chosen, isInOrder: chosen === right, faults };
}
