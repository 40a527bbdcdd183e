import jsonPatch, { type Operation } from "fast-json-patch";
import type { Json } from "#base/canonical-json.ts";
import { toHex } from "#base/hex.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { Machine } from "#machine/machine.ts";
import { stateView } from "#machine/state/snapshot.ts";
import { stateWords } from "#machine/words/state-words.ts";
import type { Database } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";
import { sha256 } from "./hash.ts";
import { rebuildTo } from "./rebuild.ts";

/** The machine as it was at a moment. */
export interface StateAt {
  /** Seq of the last event that has happened; 0: none has. It may be in the middle of a command. */
  readonly at: number;
  /** Digest of the state, 64 hex digits. */
  readonly stateHash: string;
  /** Tables as nested objects, memory as hex by address; keys in a fixed order. */
  readonly state: Json;
}

/** What turns the state at one moment into that at another: a JSON Patch (RFC 6902) in the order of its paths. */
export interface StateDiff {
  readonly from: number;
  readonly to: number;
  readonly patch: readonly Operation[];
  /** The same in sentences, in the order of the tables. */
  readonly words: readonly string[];
}

/**
 * The state after an event, from the nearest snapshot before it.
 *
 * @param at seq of the event, or 0: before the first one
 * @returns `position-out-of-range`, or `log-damaged` where an event on the way cannot be read
 */
export function stateAt(db: Database, at: number): StateAt | Problem {
  const machine = machineAt(db, at);
  if (isProblem(machine)) return machine;
  return { at, stateHash: toHex(machine.digest()), state: stateView(machine.state) };
}

/** What differs between two moments, either of which may be the earlier; refused as {@link stateAt} is. */
export function diffStates(db: Database, from: number, to: number): StateDiff | Problem {
  const before = machineAt(db, from);
  if (isProblem(before)) return before;
  const after = machineAt(db, to);
  if (isProblem(after)) return after;
  const patch = jsonPatch.compare(stateView(before.state) as object, stateView(after.state) as object);
  // The view has no lists: no operation depends on another, and they may stand in the order of their paths.
  patch.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const words = stateWords(before.state, after.state).map(({ text }) => text);
  return { from, to, patch, words };
}

function machineAt(db: Database, at: number): Machine | Problem {
  const headSeq = new LogReader(db).headSeq();
  if (at < 0 || at > headSeq) return problem("position-out-of-range", { position: at, headSeq });
  const machine = new Machine(sha256);
  const fault = at === 0 ? null : rebuildTo(machine, db, db.name, at);
  return fault ?? machine;
}
