import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import type { Command } from "#machine/commands/commands.ts";
import { FaultList } from "#machine/fault-list.ts";
import type { Configuration } from "#machine/state/state.ts";
import { CAUSES, explained } from "#replay/cause/likely-cause.ts";
import { packLog } from "#replay/pack/write-pack.ts";
import { verify } from "#replay/verify.ts";
import { openForReading } from "#store/database.ts";
import { Random } from "../support/random.ts";
import { Recording, type RecordingOptions } from "../support/recording.ts";
import { scratchFolder } from "../support/scmictl.ts";
import { twoGuests } from "../support/two-guests.ts";

const folder = scratchFolder();
afterAll(() => folder.remove());

let host: Awaited<ReturnType<typeof twoGuests>>;
beforeAll(async () => {
  host = await twoGuests();
});

const CREATE: Command = {
  kind: "domain.create",
  request: {
    name: "red",
    sci: { type: "scmi_smc_multiagent", agentId: 2 },
    dtdev: [],
    passthrough: null,
    uuid: null,
  },
};
const RATE: Command = {
  kind: "scmi",
  domain: "red",
  call: {
    protocol: "clock",
    message: "CLOCK_RATE_SET",
    params: { flags: 0, clockId: 1, rate: 500_000_000 },
  },
};

/** A log of a program that decided by another configuration than the one that it says. */
function decidedBy(change: (configuration: Configuration) => Configuration, options?: RecordingOptions) {
  const recording = new Recording(host, options);
  const { state } = recording.machine;
  const configuration = state.configuration() as Configuration;
  state.configurations.set(state.host.get(0)?.configuration as string, change(configuration));
  recording.do(CREATE);
  const seq = recording.do(RATE).events[0]?.seq as number;
  return { recording, seq };
}

function withSwitches(switches: Configuration["board"]["firmware"]["switches"]) {
  return (configuration: Configuration): Configuration => ({
    ...configuration,
    board: { ...configuration.board, firmware: { ...configuration.board.firmware, switches } },
  });
}

function causeOf(recording: Recording, program = "test") {
  const { divergences } = recording.verify();
  return explained(recording.db, "my host.db", divergences, program);
}

test("a log that verifies has no cause, and nothing to type", () => {
  const { recording } = decidedBy((configuration) => configuration);
  expect(causeOf(recording)).toEqual({ cause: null, next: null });
});

describe("a switch of the firmware", () => {
  test("that was another one is named, with what it was, and how to play the log with it", () => {
    const { recording, seq } = decidedBy(withSwitches({ deniedStatus: "NOT_SUPPORTED" }), {
      program: "0.0.9",
    });
    expect(causeOf(recording)).toEqual({
      cause: {
        seq,
        kind: "other-setting",
        recordedBy: "0.0.9",
        replayedBy: "test",
        likely: expect.stringMatching(
          /^it comes out as recorded with firmware\.switches\.deniedStatus NOT_SUPPORTED instead of DENIED.*, as 0\.0\.9 may/,
        ),
      },
      next: `scmictl whatif --db 'my host.db' --at ${seq} --set firmware.switches.deniedStatus=NOT_SUPPORTED`,
    });
  });

  test("that the firmware powers on with is found too", () => {
    const { recording } = decidedBy(withSwitches({ agent0Name: "platform" }));
    expect(causeOf(recording)).toEqual({ cause: null, next: null });
    const call = { protocol: "base", message: "BASE_DISCOVER_AGENT", params: { agentId: 0 } };
    recording.do({ kind: "scmi", domain: "red", call });
    expect(causeOf(recording).cause?.likely).toContain("agent0Name platform instead of listed");
  });

  test("is found in a pack, which has no boot to play it from", () => {
    const { recording, seq } = decidedBy(withSwitches({ deniedStatus: "NOT_SUPPORTED" }));
    const pack = packLog(recording.db, seq, seq, "test");
    if (isProblem(pack)) throw new Error(pack.detail);
    const file = join(folder.path, "problem.pack");
    writeFileSync(file, pack.bytes);
    const db = openForReading(file);
    if (isProblem(db)) throw new Error(db.detail);
    const report = verify(db, { from: seq, to: seq });
    if (isProblem(report)) throw new Error(report.detail);
    expect(explained(db, file, report.divergences, "test")).toMatchObject({
      cause: { seq, kind: "other-setting" },
      next: `scmictl debug --db ${file} --at ${seq - 1}`,
    });
    db.close();
  });
});

test("another version of Xen's series: the nearest that do", () => {
  const { recording } = decidedBy((configuration) => {
    const { board } = configuration;
    return { ...configuration, board: { ...board, xen: { ...board.xen, version: "v6" } } };
  });
  recording.do({ kind: "domain.destroy", domain: "red" });
  recording.do({ kind: "host.reboot", cause: "reboot" });
  expect(causeOf(recording).cause?.likely).toMatch(
    /with xen\.version v8 or v7 or v6 instead of v10, as another/,
  );
});

test("another version of the rules, of the very command that configured the host", async () => {
  const without = await twoGuests({}, { mediator: "none" });
  const recording = new Recording(without);
  const configured = (ruleVersion: number): number => {
    const { events } = recording.do({ kind: "host.configure", description: without, ruleVersion });
    return events.find(({ type }) => type === "host.configured")?.seq as number;
  };
  const [first, second] = [configured(1), configured(2)];
  // The first rules probed all the same: now it says that it was the second that did.
  recording.alter("UPDATE events SET leaf = NULL");
  recording.alter(
    "UPDATE events SET body = (SELECT body FROM events WHERE seq = ?) WHERE seq = ?",
    second,
    first,
  );
  expect(causeOf(recording)).toMatchObject({
    cause: { kind: "other-setting", likely: expect.stringContaining("with rules 1 instead of 2, as") },
    next: expect.stringMatching(/^scmictl whatif .* --rules 1$/),
  });
});

test("the state after a command, where its events are as they were", () => {
  const { recording } = decidedBy((configuration) => configuration);
  const key = recording.machine.state.host.get(0)?.configuration as string;
  const configuration = recording.machine.state.configuration() as Configuration;
  recording.machine.state.configurations.set(key, withSwitches({ pageAtPowerOn: "zero" })(configuration));
  recording.do({
    kind: "smc",
    domain: "red",
    x: [0x82000004n, ...Array(7).fill(0n)],
    shmem: new Uint8Array(256).fill(0xaa),
  });
  recording.do({ kind: "host.reboot", cause: "reboot" });
  expect(recording.verify().divergences[0]?.path).toBe("digest");
  expect(causeOf(recording).cause?.likely).toContain("pageAtPowerOn zero instead of kept");
});

test("firmware that failed, by the same program, is no setting", () => {
  const faults = new FaultList();
  const recording = new Recording(host, { faults });
  recording.do(CREATE);
  faults.add({ action: "status", value: -9 }, 1);
  const seq = recording.do(RATE).events[0]?.seq as number;
  expect(causeOf(recording)).toMatchObject({
    cause: { seq, kind: "other-firmware" },
    next: `scmictl debug --db 'my host.db' --at ${seq - 1}`,
  });
  expect(causeOf(recording, "9.9.9").cause).toMatchObject({ kind: "rule-changed", replayedBy: "9.9.9" });
});

test("an edited event is told by its leaf, before anything else is tried", () => {
  const { recording, seq } = decidedBy(withSwitches({ deniedStatus: "NOT_SUPPORTED" }));
  recording.alter("UPDATE events SET domid = 7 WHERE seq = ?", seq);
  expect(causeOf(recording)).toMatchObject({
    cause: { kind: "log-edited" },
    next: "scmictl audit verify --db 'my host.db'",
  });
});

test("a command that says other rules than its board's", () => {
  const { recording, seq } = decidedBy((configuration) => configuration);
  recording.alter("UPDATE commands SET rule_version = 1 WHERE first_seq = ?", seq);
  recording.alter("UPDATE events SET leaf = NULL");
  expect(causeOf(recording).cause).toMatchObject({ seq, kind: "rule-version" });
});

test("a snapshot that was edited", () => {
  const recording = new Recording(host);
  recording.keepSnapshot();
  recording.do(CREATE);
  recording.alter("UPDATE snapshots SET digest = zeroblob(32)");
  expect(causeOf(recording).cause).toMatchObject({ kind: "snapshot-edited" });
});

test("whatever somebody wrote into a log, its divergence has a cause", () => {
  const random = new Random(3);
  const columns = {
    events: ["body", "type", "domid", "agent", "epoch", "time", "command_id"],
    commands: ["kind", "input", "digest", "rule_version", "first_seq", "last_seq"],
  };
  const kinds = new Set<string>();
  for (let round = 0; round < 50; round += 1) {
    const { recording, seq } = decidedBy((configuration) => configuration);
    recording.alter("UPDATE events SET leaf = NULL");
    const table = random.below(2) === 0 ? "events" : "commands";
    const column = random.pick(columns[table]);
    const value = random.pick([
      null,
      0,
      1,
      7,
      -1,
      2 ** 40,
      "",
      "smc",
      Buffer.from("00ff", "hex"),
      Buffer.alloc(64),
    ]);
    const key = table === "events" ? "seq" : "id";
    const at = 1 + random.below(table === "events" ? seq : recording.commands);
    try {
      recording.alter(`UPDATE ${table} SET ${column} = ? WHERE ${key} = ?`, value, at);
    } catch {
      // The schema does not have that.
      continue;
    }
    const { divergences } = recording.verify();
    const { cause } = explained(recording.db, "host.db", divergences, "test");
    expect(cause === null).toBe(divergences.length === 0);
    if (cause !== null) kinds.add(cause.kind);
  }
  expect(kinds.size).toBeGreaterThan(1);
});

test("docs/debugging.md tells of every kind of cause", () => {
  const page = readFileSync("docs/debugging.md", "utf8");
  for (const kind of CAUSES) expect(page).toContain(`| \`${kind}\` |`);
});
