import { beforeAll, describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import type { Command } from "#machine/commands/commands.ts";
import type { WhatIfRequest } from "#replay/whatif/plan.ts";
import { VERDICTS, type WhatIfReport } from "#replay/whatif/report.ts";
import { whatIf } from "#replay/whatif/whatif.ts";
import { openInMemory } from "#store/database.ts";
import { Random } from "../support/random.ts";
import { randomCommand } from "../support/random-commands.ts";
import { Recording } from "../support/recording.ts";
import { twoGuests } from "../support/two-guests.ts";

let host: Awaited<ReturnType<typeof twoGuests>>;
beforeAll(async () => {
  host = await twoGuests();
});

const RED = {
  name: "red",
  sci: { type: "scmi_smc_multiagent", agentId: 2 },
  dtdev: [],
  passthrough: null,
  uuid: null,
};
const CREATE: Command = { kind: "domain.create", request: RED };
const GRANT: Command = { kind: "permission.set", agentId: 2, deviceId: 1, allowed: true };
const RATE: Command = {
  kind: "scmi",
  domain: "red",
  call: {
    protocol: "clock",
    message: "CLOCK_RATE_SET",
    params: { flags: 0, clockId: 1, rate: 500_000_000 },
  },
};

/** A log of these commands, and the seq of each one's first event. */
function lived(...commands: readonly Command[]) {
  const recording = new Recording(host);
  const boot = recording.machine.seq;
  const seqs = commands.map((command) => recording.do(command).events[0]?.seq as number);
  return { recording, boot, seqs };
}

function asked(recording: Recording, request: WhatIfRequest): WhatIfReport {
  const report = whatIf(recording.db, request);
  if (isProblem(report)) throw new Error(report.detail);
  return report;
}

describe("what if a command had not been given", () => {
  test("without the grant the guest's later message is DENIED, and that is told first", () => {
    const { recording, boot, seqs } = lived(CREATE, GRANT, RATE);
    const report = asked(recording, { at: boot, skips: [{ seq: seqs[1] as number }] });
    expect(report).toMatchObject({ at: boot, same: 1, gone: 1, refused: 1, different: 0, new: 0 });
    expect(report.first).toMatchObject({
      seq: seqs[2],
      kind: "scmi",
      difference: {
        event: "smc.forwarded",
        field: "data.decoded.response.status",
        before: "SUCCESS",
        after: "DENIED",
      },
    });
    expect(report.outcomes.map(({ verdict }) => verdict)).toEqual(["gone", "refused"]);
    expect(report.state.find(({ path }) => path.startsWith("firmware.clock.1."))).toMatchObject({
      path: "firmware.clock.1.rate",
      recorded: 500_000_000,
      replayed: 400_000_000,
    });
  });

  test("a command is named by its id as well", () => {
    const { recording, boot } = lived(CREATE, GRANT, RATE);
    expect(asked(recording, { at: boot, skips: [{ commandId: 3 }] }).first?.difference?.after).toBe("DENIED");
  });

  test("a domain that was never created is refused what it asked, in words", () => {
    const { recording, boot, seqs } = lived(CREATE, RATE);
    const { first } = asked(recording, { at: boot, skips: [{ seq: seqs[0] as number }] });
    expect(first).toMatchObject({ after: [], refusal: expect.stringContaining("red") });
  });
});

describe("what if another had been given", () => {
  test("in its place", () => {
    const { recording, boot, seqs } = lived(CREATE, GRANT, RATE);
    const command = { ...GRANT, allowed: false } as Command;
    const report = asked(recording, { at: boot, changes: [{ place: { seq: seqs[1] as number }, command }] });
    expect(report).toMatchObject({
      same: 1,
      different: 1,
      refused: 1,
      first: { seq: seqs[2], isChanged: false },
    });
    expect(report.outcomes[0]).toMatchObject({ seq: seqs[1], isChanged: true });
  });

  test("between two: it takes no number of theirs", () => {
    const { recording, boot, seqs } = lived(CREATE, RATE);
    const insert = { seq: seqs[0] as number, play: { kind: "command", command: GRANT } } as const;
    const report = asked(recording, { at: boot, inserts: [insert] });
    expect(report).toMatchObject({ same: 1, new: 1, different: 1 });
    expect(report.first?.difference).toMatchObject({ before: "DENIED", after: "SUCCESS" });
    expect(report.outcomes[0]).toMatchObject({ verdict: "new", seq: null, commandId: null });
  });

  test("before others: they keep their seqs, and the state differs in nothing but what it did", () => {
    const { recording, boot } = lived(CREATE);
    const insert = { seq: boot, play: { kind: "command", command: { ...GRANT, agentId: 3 } } } as const;
    const report = asked(recording, { at: boot, inserts: [insert] });
    expect(report).toMatchObject({ same: 1, new: 1, different: 0, first: null });
    expect(report.state.filter(({ path }) => /seq/i.test(path))).toEqual([]);
    expect(report.state.map(({ path }) => path)).toContain("firmware.permission.3");
  });

  test("or the firmware had failed once: what is inserted may lie below the mediator", () => {
    const { recording, boot, seqs } = lived(CREATE, GRANT, RATE);
    const inserts = [
      {
        seq: seqs[0] as number,
        play: {
          kind: "below",
          act: (_: unknown, faults) => faults.add({ action: "status", value: -9 }, 1),
        },
      },
    ] satisfies WhatIfRequest["inserts"];
    const report = asked(recording, { at: boot, inserts });
    expect(report.first?.difference).toMatchObject({ after: "HARDWARE_ERROR" });
    expect(report).toMatchObject({ same: 1, refused: 2, different: 0, new: 0 });
  });
});

describe("what if the board had been another", () => {
  const withProfile = (profile: "v32" | "ref-rpi5" | "tfa"): WhatIfRequest["reconfigure"] => {
    return {
      describe: (description) => {
        const { board } = description;
        return { ...description, board: { ...board, firmware: { ...board.firmware, profile } } };
      },
    };
  };

  test("another profile makes a reset give back what the agent owns, and the fork begins before the boot", () => {
    const { recording, seqs } = lived(CREATE, GRANT, { kind: "agent.reset", agentId: 2, permissions: true });
    const report = asked(recording, { at: seqs[2] as number, reconfigure: withProfile("ref-rpi5") });
    expect(report).toMatchObject({
      at: 0,
      isFromBoot: true,
      first: { kind: "host.configure", isChanged: false },
    });
    const reset = report.outcomes.find(({ kind }) => kind === "agent.reset");
    expect(reset?.difference).toMatchObject({
      field: "data.effects.1",
      before: null,
      after: { path: "firmware/owner/1/agentId", value: null },
    });
  });

  test("firmware that does not know Xen's messages leaves the guest without an agent", () => {
    const { recording, boot } = lived(CREATE, RATE);
    const report = asked(recording, { at: boot, reconfigure: withProfile("tfa") });
    const created = report.outcomes.find(({ kind }) => kind === "domain.create");
    expect(created?.difference).toMatchObject({
      event: "domain.created",
      field: "agentId",
      before: 2,
      after: null,
    });
  });

  test("a board that cannot be run is refused", () => {
    const { recording } = lived(CREATE);
    const deviceTree = new Uint8Array(4);
    const report = whatIf(recording.db, {
      at: 0,
      reconfigure: { describe: (description) => ({ ...description, deviceTree }) },
    });
    expect(isProblem(report) && report.code).toBe("device-tree-invalid");
  });

  test("the same board again is no difference", () => {
    const { recording } = lived(CREATE, GRANT, RATE);
    const report = asked(recording, { at: recording.machine.seq, reconfigure: withProfile("v32") });
    expect(report).toMatchObject({ same: 4, outcomes: [], state: [], first: null });
  });
});

test("in random logs nothing is otherwise where nothing is changed, and the log stays as it is", () => {
  for (let seed = 1; seed <= 8; seed += 1) {
    const random = new Random(seed);
    const recording = new Recording(host);
    for (let i = 0; i < 80; i += 1) recording.do(randomCommand(random, recording.machine.state, [host]));
    const before = recording.db.serialize();
    for (const at of [0, random.below(recording.machine.seq), recording.machine.seq]) {
      const to = at + random.below(recording.machine.seq - at + 1);
      const report = asked(recording, { at, to });
      expect(report, `seed ${seed}, from ${at}`).toMatchObject({ outcomes: [], state: [] });
      expect(report.stateHash).toBe(report.liveStateHash);
    }
    const skipped = asked(recording, { at: 0, skips: [{ commandId: 1 + random.below(recording.commands) }] });
    expect(skipped.gone).toBe(1);
    expect(skipped.same + skipped.different + skipped.refused + skipped.gone).toBe(recording.commands);
    for (const verdict of VERDICTS) {
      expect(skipped.kinds.reduce((sum, counts) => sum + counts[verdict], 0)).toBe(skipped[verdict]);
    }
    expect(Buffer.compare(recording.db.serialize(), before)).toBe(0);
  }
});

describe("what cannot be answered says why", () => {
  const place = { seq: 2 };
  test.each([
    ["behind the log", { at: 9999 }, "position-out-of-range"],
    ["backwards", { at: 12, to: 3 }, "request-invalid"],
    ["skipping what is before the fork", { at: 9, skips: [place] }, "request-invalid"],
    ["changing it", { at: 9, changes: [{ place: { commandId: 77 }, command: GRANT }] }, "request-invalid"],
    ["twice", { at: 0, skips: [place], changes: [{ place, command: GRANT }] }, "request-invalid"],
    [
      "inserting there",
      { at: 9, inserts: [{ seq: 1, play: { kind: "command", command: GRANT } }] },
      "request-invalid",
    ],
  ] as const)("%s: %o", (_, request, code) => {
    const { recording } = lived(CREATE, GRANT, RATE);
    const report = whatIf(recording.db, request);
    expect(isProblem(report) && report.code).toBe(code);
  });

  test("a log without a host has no board to change", () => {
    const report = whatIf(openInMemory(), { at: 0, reconfigure: {} });
    expect(isProblem(report) && report.code).toBe("host-not-booted");
  });
});
