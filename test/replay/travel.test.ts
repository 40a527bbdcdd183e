import jsonPatch from "fast-json-patch";
import { beforeAll, describe, expect, test } from "vitest";
import { toHex } from "#base/hex.ts";
import { isProblem } from "#base/problem.ts";
import { digestOf } from "#machine/state/digest.ts";
import { stateView } from "#machine/state/snapshot.ts";
import { stateWords } from "#machine/words/state-words.ts";
import { sha256 } from "#replay/hash.ts";
import { diffStates, type StateAt, type StateDiff, stateAt } from "#replay/travel.ts";
import { openInMemory } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";
import { Random } from "../support/random.ts";
import { randomCommand } from "../support/random-commands.ts";
import { Recording } from "../support/recording.ts";
import { hostWith } from "../support/scenario.ts";

/** A log with and without snapshots in it; its live states by seq. */
let log: Recording;
let bare: Recording;
const live = new Map<number, { readonly hash: string; readonly state: unknown }>();

beforeAll(() => {
  const host = hostWith();
  log = new Recording(host);
  bare = new Recording(host);
  const random = new Random(7);
  const note = (): void => {
    const { machine } = log;
    live.set(machine.seq, { hash: toHex(machine.digest()), state: stateView(machine.state) });
  };
  note();
  for (let i = 0; i < 200; i += 1) {
    const command = randomCommand(random, log.machine.state, [host]);
    log.do(command);
    bare.do(command);
    note();
    if (i % 40 === 39) log.keepSnapshot();
  }
});

function at(recording: Recording, seq: number): StateAt {
  const state = stateAt(recording.db, seq);
  if (isProblem(state)) throw new Error(state.detail);
  return state;
}

function diff(recording: Recording, from: number, to: number): StateDiff {
  const found = diffStates(recording.db, from, to);
  if (isProblem(found)) throw new Error(found.detail);
  return found;
}

describe("the state at a moment", () => {
  test("after every command is the one that was live then, snapshots or not", () => {
    for (const [seq, { hash, state }] of live) {
      expect(at(log, seq)).toEqual({ at: seq, stateHash: hash, state });
      expect(JSON.stringify(at(bare, seq))).toBe(JSON.stringify(at(log, seq)));
    }
  });

  test("in the middle of a command is the middle: every event has a state of its own", () => {
    const { firstSeq, lastSeq } = new LogReader(log.db).command(1) ?? { firstSeq: 0, lastSeq: 0 };
    const hashes = Array.from({ length: lastSeq - firstSeq + 1 }, (_, i) => at(log, firstSeq + i).stateHash);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test("its digest is that of what is shown", () => {
    for (let seq = 1; seq <= log.machine.seq; seq += 37) {
      expect(at(log, seq).stateHash).toBe(toHex(digestOf(log.rebuilt(seq).state, sha256)));
    }
  });

  test("before the first event there is nothing", () => {
    expect(at(log, 0).stateHash).toBe("0".repeat(64));
    const nothing = stateAt(openInMemory(), 0);
    expect(nothing).toMatchObject({ at: 0, state: { host: {}, memory: {} } });
  });

  test.each([-1, 1_000_000])("outside the log: %i", (seq) => {
    const state = stateAt(log.db, seq);
    expect(isProblem(state) && state.code).toBe("position-out-of-range");
    const patch = diffStates(log.db, 1, seq);
    expect(isProblem(patch) && patch.code).toBe("position-out-of-range");
  });

  test("behind an event that cannot be read: log-damaged, and it says which", () => {
    const damaged = new Recording(hostWith());
    damaged.alter("UPDATE events SET body = x'00' WHERE seq = 3");
    const state = stateAt(damaged.db, 4);
    expect(isProblem(state) && [state.code, state.detail]).toEqual([
      "log-damaged",
      expect.stringContaining("event 3"),
    ]);
    expect(isProblem(stateAt(damaged.db, 2))).toBe(false);
  });
});

describe("what differs between two moments", () => {
  test("turns the one into the other, forth and back", () => {
    const seqs = [0, ...live.keys()].filter((_, i) => i % 17 === 0);
    for (const from of seqs) {
      for (const to of seqs) {
        const { patch } = diff(log, from, to);
        const { state } = at(log, from);
        const patched = jsonPatch.applyPatch(structuredClone(state), structuredClone(patch)).newDocument;
        expect(patched).toEqual(at(log, to).state);
        if (from === to) expect(patch).toEqual([]);
      }
    }
  });

  test("is told in words too, of which each change has one, and none there is without a change", () => {
    const last = log.machine.seq;
    for (const [from, to] of [
      [0, last],
      [last, 11],
      [20, 40],
      [30, 30],
    ] as const) {
      const { patch, words } = diff(log, from, to);
      const sentences = stateWords(log.rebuilt(from).state, log.rebuilt(to).state);
      expect(words).toEqual(sentences.map(({ text }) => text));
      const spoken = sentences.flatMap(({ pointers }) => pointers);
      const untold = patch.filter(
        ({ path }) => !spoken.some((pointer) => pointer === path || pointer.startsWith(`${path}/`)),
      );
      expect(untold).toEqual([]);
      const unchanged = spoken.filter(
        (pointer) => !patch.some(({ path }) => pointer === path || pointer.startsWith(`${path}/`)),
      );
      expect(unchanged).toEqual([]);
    }
  });

  test("is in the order of paths, and the same whatever was between", () => {
    const last = log.machine.seq;
    const { patch } = diff(log, 1, last);
    const paths = patch.map(({ path }) => path);
    expect(paths).toEqual([...paths].sort());
    expect(diff(bare, 1, last)).toEqual(diff(log, 1, last));
  });
});
