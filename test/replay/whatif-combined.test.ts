import { beforeAll, describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { PROFILES, SERIES_VERSIONS } from "#config/board/board.ts";
import type { Command } from "#machine/commands/commands.ts";
import { Machine } from "#machine/machine.ts";
import { RULE_VERSIONS } from "#machine/rule-version.ts";
import { stateView } from "#machine/state/snapshot.ts";
import { sha256 } from "#replay/hash.ts";
import { type LeafDifference, leafDifferences } from "#replay/json-diff.ts";
import { VERDICTS, type WhatIfReport } from "#replay/whatif/report.ts";
import { askWhatIf, type WhatIfAsked } from "#simulate/asking/what-if.ts";
import { Random } from "../support/random.ts";
import { randomCommand } from "../support/random-commands.ts";
import { Recording } from "../support/recording.ts";
import { twoGuests } from "../support/two-guests.ts";

let host: Awaited<ReturnType<typeof twoGuests>>;
beforeAll(async () => {
  host = await twoGuests();
});

const sci = { type: "scmi_smc_multiagent", agentId: 2 };
const RED = { name: "red", sci, dtdev: [], passthrough: null, uuid: null };
const CREATE: Command = { kind: "domain.create", request: RED };
const GRANT: Command = { kind: "permission.set", agentId: 2, deviceId: 1, allowed: true };
const DENY_LINE = { do: "permission.set", agentId: 2, deviceId: 1, allowed: false };
const RATE: Command = {
  kind: "scmi",
  domain: "red",
  call: {
    protocol: "clock",
    message: "CLOCK_RATE_SET",
    params: { flags: 0, clockId: 1, rate: 500_000_000 },
  },
};

/** Commands of a log that recorded something, in order: the first is command 1. */
function lived(description: typeof host, commands: Iterable<Command>) {
  const recording = new Recording(description);
  const boot = recording.machine.seq;
  const played: Command[] = [{ kind: "host.configure", description }];
  const seqs = [1];
  for (const command of commands) {
    const { events } = recording.do(command);
    if (events.length === 0) continue;
    played.push(command);
    seqs.push(events[0]?.seq as number);
  }
  return { recording, boot, played, seqs };
}

function asked(recording: Recording, request: WhatIfAsked): WhatIfReport {
  const report = askWhatIf(recording.db, request);
  if (isProblem(report)) throw new Error(`${report.code}: ${report.detail}`);
  return report;
}

const withBoard = (description: typeof host, profile: string, version: string) => {
  const { board } = description;
  const firmware = { ...board.firmware, profile };
  return {
    ...description,
    board: { ...board, xen: { ...board.xen, version }, firmware },
  } as typeof host;
};

describe("each thing that can be swapped", () => {
  test.each(SERIES_VERSIONS)("version %s of Xen's series: short for a field of the board", (version) => {
    const { recording, boot } = lived(host, [CREATE, GRANT, RATE]);
    const report = asked(recording, { at: boot, xenVersion: version });
    expect(report).toEqual(asked(recording, { at: boot, set: [{ path: "xen.version", value: version }] }));
    expect(report).toMatchObject({ at: 0, isFromBoot: true });
    if (version === "v10") expect(report).toMatchObject({ same: 4, first: null });
    // It knows nothing of the example's binding.
    if (version === "bsp") expect(report.first).toMatchObject({ kind: "host.configure", isChanged: false });
  });

  test("the rules: a Xen without a mediator probed all the same, by the first ones", async () => {
    const { recording, boot } = lived(await twoGuests({}, { mediator: "none" }), [CREATE]);
    const report = asked(recording, { at: boot, rules: 1 });
    expect(report).toMatchObject({ isFromBoot: true, first: { kind: "host.configure", isChanged: false } });
    expect(report.first?.after.join("\n")).toContain("mediator.probed");
    expect(report.first?.before.join("\n")).not.toContain("mediator.probed");
    expect(report.state).toContainEqual({ path: "host.0.ruleVersion", recorded: 2, replayed: 1 });
    expect(asked(recording, { at: boot, rules: 2 })).toMatchObject({ same: 1, outcomes: [], state: [] });
    const newer = askWhatIf(recording.db, { at: boot, rules: 3 });
    expect(isProblem(newer) && newer.detail).toContain("rules: found 3, allowed are the versions 1, 2");
  });

  test("a command's time: the suffix of a name that xl makes of it", () => {
    const request = { xlcfg: 'name = "red"\non_reboot = "rename-restart"\n' };
    const shutdown: Command = { kind: "domain.shutdown", domain: "red", reason: "reboot" };
    const { recording, boot, seqs } = lived(host, [{ kind: "domain.create", request }, shutdown]);
    const time = [{ seq: seqs[2] as number, timeUs: Date.UTC(2031, 4, 6) * 1000 }];
    const report = asked(recording, { at: boot, time });
    expect(report).toMatchObject({ same: 1, different: 1, first: null });
    expect(report.outcomes[0]).toMatchObject({ isChanged: true, kind: "domain.shutdown" });
    expect(JSON.stringify(report.outcomes[0]?.after)).toContain("20310506T0000Z");
    const twice = askWhatIf(recording.db, { at: boot, time: [...time, ...time] });
    expect(isProblem(twice) && twice.detail).toContain("has another time already");
  });
});

test("refused now, done now, and neither: by what came of the command as a whole", () => {
  const { recording, boot, seqs } = lived(host, [CREATE, GRANT, RATE, { ...GRANT, deviceId: 99 } as Command]);
  const [, , granted, , denied] = seqs as [number, number, number, number, number];
  const report = asked(recording, {
    at: boot,
    skip: [{ seq: granted }],
    change: [{ seq: denied, command: DENY_LINE }],
  });
  expect(report.outcomes.map(({ verdict, kind }) => [verdict, kind])).toEqual([
    ["gone", "permission.set"],
    ["refused", "scmi"],
    ["different", "permission.set"],
  ]);
  expect(report.kinds).toEqual([
    { kind: "domain.create", same: 1, different: 0, refused: 0, new: 0, gone: 0 },
    { kind: "permission.set", same: 0, different: 1, refused: 0, new: 0, gone: 1 },
    { kind: "scmi", same: 0, different: 0, refused: 1, new: 0, gone: 0 },
  ]);
});

test("a domain's creation is refused where another took its agent: with Xen's words", () => {
  const { recording, boot } = lived(host, [CREATE]);
  const other = { do: "domain.create", name: "other", sci };
  const { first } = asked(recording, { at: boot, insert: [{ seq: boot, command: other }] });
  expect(first).toMatchObject({
    verdict: "refused",
    difference: { event: "domain.created", before: "domain.created", after: "domain.creation-refused" },
  });
});

test("domains keep their domids, though one before them was never created: what goes by a domid meets the same domain", () => {
  const blue: Command = {
    kind: "domain.create",
    request: { ...RED, name: "blue", sci: { ...sci, agentId: 3 } },
  };
  const smc: Command = {
    kind: "smc",
    domain: 2,
    x: [0x82000005n, ...Array<bigint>(7).fill(0n)],
    shmem: null,
  };
  const { recording, boot, seqs } = lived(host, [CREATE, blue, smc, { kind: "domain.restart", domain: 2 }]);
  const skipped = asked(recording, { at: boot, skip: [{ seq: seqs[1] as number }] });
  expect(skipped).toMatchObject({ same: 3, gone: 1, first: null });
  expect(skipped.state.map(({ path }) => path)).not.toContain("host.0.lastDomid");
  const inserted = asked(recording, {
    at: boot,
    insert: [{ seq: boot, command: { do: "domain.create", name: "green", sci: { type: "none" } } }],
  });
  expect(inserted).toMatchObject({ same: 4, new: 1, first: null });
  expect(inserted.state.map(({ path }) => path)).toEqual(["mediator.domain.16385"]);
});

test("a thousand outcomes are listed, and all of them counted", () => {
  const { recording, boot, seqs } = lived(host, [CREATE, ...Array<Command>(1200).fill(RATE)]);
  const report = asked(recording, {
    at: boot,
    insert: [{ seq: seqs[1] as number, command: { ...DENY_LINE, allowed: true } }],
  });
  expect(report).toMatchObject({ new: 1, different: 1200 });
  expect(report.outcomes).toHaveLength(1000);
});

/** Differences of states but for what counts events: the fork's numbers have gaps where it records less. */
function withoutSeqs(differences: readonly LeafDifference[]): unknown {
  const kept = differences.filter(
    ({ path }) => !/seq|since|granted|^host\.0\.(configuration|lastDomid)/i.test(path),
  );
  const text = JSON.stringify(kept, (key, value) => (/seq$|since$/i.test(key) ? undefined : value));
  const without = JSON.parse(text.replaceAll(/\\"seq\\":\d+,?/g, "")) as typeof kept;
  return without.filter(({ recorded, replayed }) => JSON.stringify(recorded) !== JSON.stringify(replayed));
}

test("in random logs every swap with commands skipped, changed and inserted is what playing them so comes to", () => {
  const swaps = [
    ...SERIES_VERSIONS.map((version) => ({ version, profile: "v32", rules: 2 })),
    ...PROFILES.map((profile) => ({ version: "v10", profile, rules: 2 })),
    ...RULE_VERSIONS.map((rules) => ({ version: "v8", profile: "ref", rules })),
  ];
  for (const [seed, { version, profile, rules }] of swaps.entries()) {
    const random = new Random(seed + 1);
    const commands = function* () {
      const { state } = new Recording(host).machine;
      for (let i = 0; i < 40; i += 1) {
        const command = randomCommand(random, state, [host]);
        if (command.kind !== "host.configure") yield command;
      }
    };
    const { recording, played, seqs } = lived(host, [...commands()]);
    const [skipped, changed, before] = [3, 5, 7].map((id) =>
      Math.min(id + random.below(4), played.length - 1),
    ) as [number, number, number];
    const inserted = { do: "permission.set", agentId: 3, deviceId: 0, allowed: true };
    const isChangedToo = changed !== skipped;
    const report = asked(recording, {
      at: 0,
      profile,
      xenVersion: version,
      rules,
      skip: [{ commandId: skipped + 1 }],
      change: isChangedToo ? [{ commandId: changed + 1, command: DENY_LINE }] : [],
      insert: [{ seq: seqs[before] as number, command: inserted }],
    });

    const machine = new Machine(sha256);
    let others = 0x4000;
    const first = {
      kind: "host.configure",
      description: withBoard(host, profile, version),
      ruleVersion: rules,
    } as const;
    for (const [i, command] of [first, ...played.slice(1)].entries()) {
      const commandId = i + 1;
      const { time: timeUs } = recording.db.prepare("SELECT time FROM events WHERE seq = ?").get(seqs[i]) as {
        time: number;
      };
      const created = recording.db
        .prepare("SELECT domid FROM events WHERE command_id = ? AND type LIKE 'domain.creat%' AND domid > 0")
        .pluck()
        .get(commandId) as number | undefined;
      const play = (what: Command, id: number, domid?: number): void => {
        const { host: cells, mediator } = machine.state;
        const isBoot = what.kind === "host.configure" || what.kind === "host.reboot";
        const isFree = domid !== undefined && !mediator.domain.has(domid);
        if (!isBoot) cells.set(0, "lastDomid", isFree ? domid - 1 : others);
        machine.execute(what, { commandId: id, timeUs });
        if (!isBoot && !isFree) others = Math.max(others, cells.at(0).lastDomid);
      };
      if (i === changed && isChangedToo) play({ ...GRANT, allowed: false } as Command, commandId, created);
      else if (i !== skipped) play(command, commandId, created);
      if (i === before) play({ ...GRANT, agentId: 3, deviceId: 0 } as Command, recording.commands + 1);
    }
    const label = `${version}, ${profile}, rules ${rules}`;
    const own = leafDifferences(stateView(recording.machine.state), stateView(machine.state));
    expect(withoutSeqs(report.state), label).toEqual(withoutSeqs(own));
    const { same, different, refused, gone } = report;
    expect(same + different + refused + gone, label).toBe(recording.commands);
    expect(report.new, label).toBe(1);
    for (const verdict of VERDICTS) {
      expect(report.kinds.reduce((sum, tally) => sum + tally[verdict], 0)).toBe(report[verdict]);
    }
  }
});
