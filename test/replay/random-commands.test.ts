import { beforeAll, describe, expect, test } from "vitest";
import { toHex } from "#base/hex.ts";
import { isProblem } from "#base/problem.ts";
import type { HostDescription } from "#config/board/board.ts";
import type { Fault } from "#firmware/faults/faults.ts";
import { violations } from "#machine/checks/invariants.ts";
import type { FaultSource } from "#machine/machine.ts";
import { digestOf } from "#machine/state/digest.ts";
import { saveState } from "#machine/state/snapshot.ts";
import { rebuildProjections } from "#projections/catalogue.ts";
import { sha256 } from "#replay/hash.ts";
import { isDamaged, LogReader } from "#store/log-reader.ts";
import { Random } from "../support/random.ts";
import { type Boards, randomCommand } from "../support/random-commands.ts";
import { Recording } from "../support/recording.ts";
import { runs } from "../support/runs.ts";
import { funcIdOf, hostWith, node, PHANDLE } from "../support/scenario.ts";
import { PASSTHROUGH, singleAgent } from "../support/single-agent.ts";
import { talking } from "../support/talking.ts";
import { twoGuests } from "../support/two-guests.ts";

const SEEDS = runs(16, 1000);
const COMMANDS = runs(500, 1000);
/** Commands between two looks at what costs more than a command. */
const LOOK_EVERY = 100;

const SUPPORTS = {
  discoverAgent: true,
  setDevicePermissions: true,
  setProtocolPermissions: false,
  resetAgentConfiguration: true,
};

const SECOND_NODE = { compatible: "arm,scmi-smc", "arm,smc-id": [funcIdOf(3)], shmem: [PHANDLE.page3] };

/** Hosts that differ in everything that a log depends on: profile, trust, ownership, what the firmware supports, version. */
let boards: Boards;

beforeAll(async () => {
  boards = await Promise.all([
    twoGuests(),
    twoGuests({ profile: "ref" }),
    twoGuests({ profile: "ref", switches: { smtBusyLeak: true } }),
    twoGuests({ trustedAgents: [0, 1, 2] }),
    twoGuests({ deviceOwnership: "exclusive" }, { version: "v8" }),
    twoGuests({ supports: { ...SUPPORTS, resetAgentConfiguration: false } }, { version: "v5" }),
    twoGuests({ supports: { ...SUPPORTS, setDevicePermissions: false } }),
    twoGuests({}, { iommu: false }),
    twoGuests({}, { mediator: "none" }),
    talking(),
    talking({ switches: { p2aBusy: "drop", p2aToken: "counting", asyncPending: 1 } }),
    hostWith({ chosen: { domU1: node({ compatible: "xen,domain", "xen,sci_type": "none" }) } }),
    // Here no agent can be reset: domains stay dying.
    hostWith({ firmware: { trustedAgents: [0] } }),
    // The second node of the scan empties the channel list.
    hostWith({
      inContainer: { again: node(SECOND_NODE) },
      container: { "xen,dom0-sci-agent-id": undefined },
    }),
    hostWith(singleAgent(PASSTHROUGH, {}, { firmware: { trustedAgents: [0] } })),
    // Here the second node's function id is the one in use, and dom0's.
    hostWith(singleAgent("", {}, { management: { status: "okay" } })),
  ]);
});

function boardOf(seed: number): HostDescription {
  return boards[seed % boards.length] as HostDescription;
}

describe.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
  `${COMMANDS} random commands, seed %i`,
  (seed) => {
    test("rebuild is live, verify finds nothing, invariants hold, seqs are dense, projections come out the same", () => {
      const random = new Random(seed);
      const recording = new Recording(boardOf(seed), { projected: true });
      const { db, machine } = recording;
      db.exec("BEGIN");
      let events = machine.seq;
      for (let i = 1; i <= COMMANDS; i += 1) {
        const decision = recording.do(randomCommand(random, machine.state, boards));
        events += decision.events.length;
        expect(violations(machine.state)).toEqual([]);
        expect(machine.seq).toBe(events);
        if (i % LOOK_EVERY === 0) {
          expect(toHex(machine.digest())).toBe(toHex(digestOf(machine.state, sha256)));
          if (random.chance(30)) recording.keepSnapshot();
        }
      }
      db.exec("COMMIT");
      recording.project();

      const dense = db
        .prepare("SELECT count(*) AS count, min(seq) AS first, max(seq) AS last FROM events")
        .get();
      expect(dense).toEqual({ count: events, first: 1, last: events });

      const rebuilt = recording.rebuilt();
      expect(toHex(rebuilt.digest())).toBe(toHex(machine.digest()));
      expect(saveState(rebuilt.state)).toBe(saveState(machine.state));

      const report = recording.verify();
      expect(report.divergences).toEqual([]);
      expect(report).toMatchObject({ events, commands: recording.commands, divergenceCount: 0 });
      expect(report.stateHash).toBe(toHex(machine.digest()));
      expect(report.liveStateHash).toBe(report.stateHash);

      const logged = new LogReader(db).events(0, events);
      const whole = logged.flatMap((event) => (isDamaged(event) ? [] : [event]));
      expect(whole).toHaveLength(events);
      expect(rebuildProjections(db, whole).identical).toBe(true);
    });
  },
);

/** A firmware that now and then goes wrong; its log folds, though nothing can decide it again without the same faults. */
function failing(random: Random): FaultSource {
  return {
    pick(): Fault | undefined {
      if (!random.chance(15)) return undefined;
      const action = random.pick(["status", "x0", "busy", "error", "length", "pad"] as const);
      const value = random.pick([-9, -3, -1, 0, 5, 40, 4092]);
      return { action, value: action === "x0" ? BigInt.asUintN(64, BigInt(value)) : value };
    },
  };
}

test.each([1, 2, 3])(
  "with a firmware that goes wrong, what is rebuilt is still what was live, seed %i",
  (seed) => {
    const random = new Random(seed);
    const recording = new Recording(boardOf(seed - 1), { faults: failing(random) });
    recording.db.exec("BEGIN");
    for (let i = 0; i < COMMANDS; i += 1) {
      const { outcome } = recording.do(randomCommand(random, recording.machine.state, boards));
      expect(isProblem(outcome.result) && outcome.result.code === "internal-error").toBe(false);
      expect(violations(recording.machine.state)).toEqual([]);
    }
    recording.db.exec("COMMIT");
    const rebuilt = recording.rebuilt();
    expect(saveState(rebuilt.state)).toBe(saveState(recording.machine.state));
    expect(toHex(rebuilt.digest())).toBe(toHex(recording.machine.digest()));
  },
);
