import { beforeAll, describe, expect, test } from "vitest";
import { toHex } from "#base/hex.ts";
import type { HostDescription } from "#config/board/board.ts";
import { Machine } from "#machine/machine.ts";
import { digestOf } from "#machine/state/digest.ts";
import { loadState, saveState } from "#machine/state/snapshot.ts";
import { MachineState } from "#machine/state/state.ts";
import { sha256 } from "#replay/hash.ts";
import { Random } from "../support/random.ts";
import { randomCommand } from "../support/random-commands.ts";
import { runs } from "../support/runs.ts";
import { hostWith } from "../support/scenario.ts";
import { twoGuests } from "../support/two-guests.ts";

const SEEDS = Array.from({ length: runs(4, 300) }, (_, seed) => seed);
const ROUNDS = 40;

let boards: readonly HostDescription[];

beforeAll(async () => {
  boards = [
    await twoGuests(),
    await twoGuests({ profile: "ref" }),
    hostWith({ firmware: { trustedAgents: [0] } }),
  ];
});

/** All of a machine that there is to see. */
function seen(machine: Machine): object {
  return {
    seq: machine.seq,
    digest: toHex(machine.digest()),
    counted: toHex(digestOf(machine.state, sha256)),
    state: saveState(machine.state),
  };
}

function configured(seed: number): Machine {
  const machine = new Machine(sha256);
  const description = boards[seed % boards.length] as HostDescription;
  machine.execute({ kind: "host.configure", description }, { commandId: 1, timeUs: 1 });
  machine.settle();
  return machine;
}

describe.each(SEEDS)("seed %i", (seed) => {
  test("what is rolled back never was: state, digest and seq, and whatever comes then", () => {
    const random = new Random(seed);
    const machine = configured(seed);
    const twin = configured(seed);
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = seen(machine);
      const checkpoint = machine.checkpoint();
      for (let i = random.below(5); i >= 0; i -= 1) {
        machine.execute(randomCommand(random, machine.state, boards), { commandId: 99, timeUs: 99 });
      }
      machine.rollback(checkpoint);
      expect(seen(machine)).toEqual(before);

      const command = randomCommand(random, machine.state, boards);
      const stamp = { commandId: 2 + round, timeUs: 2 + round };
      expect(machine.execute(command, stamp).events).toEqual(twin.execute(command, stamp).events);
      expect(seen(machine)).toEqual(seen(twin));
      // Sometimes more than one command is not settled yet.
      if (random.chance(60)) machine.settle();
      twin.settle();
    }
  });

  test("evolve alone comes to what decide came to, and its digest to the one counted afresh", () => {
    const random = new Random(1000 + seed);
    const live = configured(seed);
    const folded = new Machine(sha256);
    const replayed = new Machine(sha256);
    const description = boards[seed % boards.length] as HostDescription;
    const first = replayed.execute({ kind: "host.configure", description }, { commandId: 1, timeUs: 1 });
    fold(folded, first.events);
    for (let i = 0; i < ROUNDS; i += 1) {
      const { events } = live.execute(randomCommand(random, live.state, boards), {
        commandId: 2 + i,
        timeUs: 2 + i,
      });
      live.settle();
      fold(folded, events);
      expect(seen(folded)).toEqual(seen(live));
      const { digest, counted } = seen(live) as { digest: string; counted: string };
      expect(digest).toBe(counted);
    }
  });

  test("a snapshot gives the state back, and the machine goes on from it as it would have", () => {
    const random = new Random(2000 + seed);
    const live = configured(seed);
    for (let i = 0; i < ROUNDS; i += 1) {
      const stamp = { commandId: 2 + i, timeUs: 2 + i };
      live.execute(randomCommand(random, live.state, boards), stamp);
      live.settle();
    }
    const text = saveState(live.state);
    const loaded = new MachineState();
    loadState(loaded, text);
    expect(saveState(loaded)).toBe(text);
    expect(toHex(digestOf(loaded, sha256))).toBe(toHex(live.digest()));
  });
});

function fold(machine: Machine, events: readonly Parameters<Machine["apply"]>[0][]): void {
  const mark = machine.state.journal.mark();
  for (const event of events) machine.apply(event);
  machine.endCommand(mark);
  machine.settle();
}

test("a state that is no snapshot is not loaded", () => {
  for (const text of ["", "null", "{", "[]", '{"tables":{"host":5},"memory":[]}', '{"tables":{}}']) {
    expect(() => loadState(new MachineState(), text)).toThrow();
  }
});
