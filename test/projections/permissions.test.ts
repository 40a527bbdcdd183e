import fc from "fast-check";
import { expect, test } from "vitest";
import { timeText } from "#base/time.ts";
import type { FirmwareConfig } from "#config/board/board.ts";
import type { LoggedEvent } from "#events/logged.ts";
import { defaultAllowed } from "#firmware/access/permissions.ts";
import { permissionExplain } from "#projections/queries/permission-explain.ts";
import {
  CHANGE_CURSOR,
  type PermissionHistoryRequest,
  permissionHistory,
} from "#projections/queries/permission-history.ts";
import { CELL_CURSOR, permissionsAt } from "#projections/queries/permissions-at.ts";
import { runs } from "../support/runs.ts";
import {
  assigned,
  booted,
  bootedLog,
  configured,
  created,
  destroyed,
  event,
  firmware,
  forwarded,
  HostLog,
  permits,
  probed,
  reset,
  timeOf,
} from "./host-log.ts";
import { type RandomCommand, randomCommands } from "./random-log.ts";

const ALL = { limit: 10_000 };

/** The pairs that are allowed after an event, as "agent.device". */
function allowedAt(log: HostLog, seq: number): string[] {
  return permissionsAt(log.db, seq, ALL)
    .items.filter(({ allowed }) => allowed)
    .map(({ agentId, deviceId }) => `${agentId}.${deviceId}`);
}

/** The board's defaults of these tests: device 7 is everyone's, device 1 of agents 0 and 3. */
const DEFAULTS = ["0.1", "0.7", "1.7", "2.7", "3.1", "3.7"];

test("the matrix has every listed agent with every device, and nothing before the first boot", () => {
  const log = bootedLog();
  expect(permissionsAt(log.db, 0, ALL).items).toEqual([]);
  expect(permissionsAt(log.db, 1, ALL).items).toEqual([]);
  const { items } = permissionsAt(log.db, 2, ALL);
  expect(items).toHaveLength(12);
  expect(allowedAt(log, 2)).toEqual(DEFAULTS);
  expect(items[0]).toEqual({
    agentId: 0,
    deviceId: 0,
    allowed: false,
    sinceSeq: 2,
    sinceTime: timeText(timeOf(1)),
  });
});

test("profile ref gives agent 0 every device", () => {
  const log = bootedLog({ ...firmware, profile: "ref" });
  expect(allowedAt(log, log.headSeq)).toEqual(["0.0", ...DEFAULTS]);
});

test("a permission holds from the SMC that gave it to the one that took it back, and any moment can be asked for", () => {
  const log = bootedLog();
  const [given] = log.command("permission.set", [permits([2, 0, true])]);
  log.command("smc", [forwarded(2)]);
  const [taken] = log.command("agent.reset", [permits([2, 0, undefined])]);
  const cell = (seq: number) =>
    permissionsAt(log.db, seq, ALL).items.find((item) => item.agentId === 2 && item.deviceId === 0);
  const [from, to] = [given?.seq as number, taken?.seq as number];
  expect(cell(from - 1)).toMatchObject({ allowed: false, sinceSeq: 2 });
  expect(cell(from)).toMatchObject({ allowed: true, sinceSeq: from, sinceTime: timeText(timeOf(from)) });
  expect(cell(to - 1)).toMatchObject({ allowed: true, sinceSeq: from });
  expect(cell(to)).toMatchObject({ allowed: false, sinceSeq: to, sinceTime: timeText(timeOf(to)) });
});

test("a host boot brings every default back, of the newest board", () => {
  const log = bootedLog();
  log.command("permission.set", [permits([2, 0, true], [3, 1, false])]);
  const [boot] = log.command("host.reboot", [booted, probed]);
  expect(allowedAt(log, boot?.seq as number)).toEqual(DEFAULTS);
  expect(allowedAt(log, (boot?.seq as number) - 1)).toEqual(["0.1", "0.7", "1.7", "2.0", "2.7", "3.7"]);
  const other = {
    ...firmware,
    agents: firmware.agents.slice(2),
    devices: firmware.devices.map((device) => ({ ...device, defaultAccess: "none" as const })),
  };
  log.command("host.configure", [configured(other), booted, probed]);
  expect(allowedAt(log, log.headSeq)).toEqual([]);
  expect(permissionsAt(log.db, log.headSeq, ALL).items).toHaveLength(6);
  expect(log.rows("SELECT count(*) AS n FROM permission_rules")).toEqual([{ n: 3 }]);
});

test("the matrix comes in pages", () => {
  const log = bootedLog();
  const whole = permissionsAt(log.db, log.headSeq, ALL);
  expect(whole.next).toBeNull();
  const paged = [];
  let after: string | undefined;
  do {
    const page = permissionsAt(log.db, log.headSeq, { limit: 5, ...(after === undefined ? {} : { after }) });
    paged.push(...page.items);
    after = page.next ?? undefined;
    if (after !== undefined) expect(after).toMatch(CELL_CURSOR);
  } while (after !== undefined);
  expect(paged).toEqual(whole.items);
});

test("a change tells its command, its reason and the domain that held the agent", () => {
  const log = bootedLog();
  log.command("domain.create", [created(1, 2)]);
  log.command("device.assign", [permits([2, 0, true]), assigned(1, 2, "/soc/i2c@1", [0])], "for the demo");
  log.command("domain.destroy", [
    permits([2, 0, undefined]),
    reset(2, "destroy", 1),
    destroyed(1, 2, "destroy"),
  ]);
  log.command("permission.set", [permits([2, 0, true])]);
  log.command("host.reboot", [booted, probed]);
  const shown = permissionHistory(log.db, { ...ALL, agentId: 2, deviceId: 0 }).items;
  expect(shown).toEqual([
    {
      seq: 5,
      time: timeText(timeOf(5)),
      agentId: 2,
      deviceId: 0,
      allowed: true,
      cause: "device.assign",
      actor: "actor-device.assign",
      reason: "for the demo",
      domid: 1,
    },
    expect.objectContaining({ seq: 7, allowed: false, cause: "domain.destroy", reason: null, domid: 1 }),
    expect.objectContaining({ seq: 10, allowed: true, cause: "permission.set", domid: null }),
    expect.objectContaining({ seq: 11, allowed: false, cause: "host.reboot", domid: null }),
  ]);
  expect(permissionHistory(log.db, { ...ALL, domid: 1 }).items.map(({ seq }) => seq)).toEqual([5, 7]);
  expect(permissionHistory(log.db, { ...ALL, domid: 2 }).items).toEqual([]);
});

test("a first boot's defaults are changes of host.configure, and a reboot's are none", () => {
  const log = bootedLog();
  const first = permissionHistory(log.db, ALL).items;
  expect(
    first.map(({ agentId, deviceId, seq, allowed, cause }) => [
      `${agentId}.${deviceId}`,
      seq,
      allowed,
      cause,
    ]),
  ).toEqual(DEFAULTS.map((pair) => [pair, 2, true, "host.configure"]));
  log.command("host.reboot", [booted, probed]);
  expect(permissionHistory(log.db, ALL).items).toEqual(first);
});

test("a board that changes defaults changes permissions at its boot", () => {
  const log = bootedLog();
  log.command("permission.set", [permits([2, 0, true], [2, 1, true], [3, 1, false])]);
  const changed = {
    ...firmware,
    devices: firmware.devices.map((device) => ({
      ...device,
      defaultAccess: device.id === 0 ? ([2] as const) : ("none" as const),
    })),
  };
  const [, boot] = log.command("host.configure", [configured(changed), booted]);
  const at = permissionHistory(log.db, { ...ALL, fromSeq: boot?.seq as number }).items;
  // 2.0 was given and is a default now: no change. 3.1 was taken and is no default now: none either.
  expect(at.map(({ agentId, deviceId, allowed }) => [`${agentId}.${deviceId}`, allowed])).toEqual([
    ["0.1", false],
    ["0.7", false],
    ["1.7", false],
    ["2.1", false],
    ["2.7", false],
    ["3.7", false],
  ]);
});

test("a default is explained by the board and the boot", () => {
  const log = bootedLog();
  log.command("host.reboot", [booted, probed]);
  const { allowed, chain } = permissionExplain(log.db, 3, 1, log.headSeq);
  expect(allowed).toBe(true);
  expect(chain.map(({ seq, type, what, cause }) => [seq, type, what, cause])).toEqual([
    [1, "host.configured", "board test-board gives agent 3 device 1 by default", "host.configure"],
    [4, "host.booted", "the firmware started (cold), with the board's defaults", "host.reboot"],
  ]);
  expect(permissionExplain(log.db, 2, 0, log.headSeq).chain[0]?.what).toBe(
    "board test-board does not give agent 2 device 0 by default",
  );
  expect(permissionExplain(log.db, 3, 1, 1)).toEqual({ allowed: false, chain: [] });
});

test("an assignment's permission is explained by its SMC and the assignment", () => {
  const log = bootedLog();
  log.command("domain.create", [created(1, 2)]);
  log.command(
    "device.assign",
    [permits([2, 0, true]), permits([2, 1, true]), assigned(1, 2, "/soc/i2c@1", [0, 1])],
    "for the demo",
  );
  log.command("smc", [forwarded(2)]);
  expect(permissionExplain(log.db, 2, 0, log.headSeq)).toEqual({
    allowed: true,
    chain: [
      {
        seq: 5,
        type: "smc.forwarded",
        time: timeText(timeOf(5)),
        what: "a message of agent 1 gave agent 2 device 0",
        cause: "device.assign",
        actor: "actor-device.assign",
        reason: "for the demo",
      },
      expect.objectContaining({
        seq: 7,
        type: "device.assigned",
        what: "/soc/i2c@1 was assigned to domain 1",
      }),
    ],
  });
  // In the middle of the command the assignment has not happened yet.
  expect(permissionExplain(log.db, 2, 0, 6).chain.map(({ seq }) => seq)).toEqual([5]);
});

test("what a failed assignment left granted is explained by the failure", () => {
  const log = bootedLog();
  log.command("domain.create", [created(1, 2)]);
  const data = {
    path: "/soc/gpu@2",
    errno: "EACCES",
    message: "SCI: EACCES",
    granted: [0],
    protected: false,
    panic: false,
  } as const;
  log.command("device.assign", [
    permits([2, 0, true]),
    forwarded(1, -3),
    event("device.assignment-refused", data, { domid: 1, agentId: 2 }),
  ]);
  expect(permissionExplain(log.db, 2, 0, log.headSeq).chain.map(({ what }) => what)).toEqual([
    "a message of agent 1 gave agent 2 device 0",
    "assigning /soc/gpu@2 to domain 1 failed with EACCES; what was granted stays",
  ]);
});

test("what a destroyed domain lost is explained by the default, the reset and the end of the domain", () => {
  const log = bootedLog();
  log.command("domain.create", [created(1, 2)]);
  log.command("device.assign", [permits([2, 0, true]), assigned(1, 2, "/soc/i2c@1", [0])]);
  log.command("domain.restart", [
    permits([2, 0, undefined]),
    reset(2, "destroy", 1),
    destroyed(1, 2, "destroy"),
    created(2, 2),
  ]);
  const { allowed, chain } = permissionExplain(log.db, 2, 0, log.headSeq);
  expect(allowed).toBe(false);
  expect(chain.map(({ type, what }) => [type, what])).toEqual([
    ["host.configured", "board test-board does not give agent 2 device 0 by default"],
    ["host.booted", "the firmware started (cold), with the board's defaults"],
    ["smc.forwarded", "a message of agent 1 took agent 2 back to its default for device 0"],
    ["agent.reset", "agent 2 was reset (destroy)"],
    ["domain.destroyed", "domain 1 (guest-1) was destroyed (destroy)"],
  ]);
});

test("a permission set by hand has its SMC alone; the next command is not its doing", () => {
  const log = bootedLog();
  log.command("permission.set", [permits([3, 1, false])]);
  log.command("agent.reset", [reset(3, "request")]);
  expect(permissionExplain(log.db, 3, 1, log.headSeq)).toMatchObject({
    allowed: false,
    chain: [{ seq: 4, what: "a message of agent 1 took device 1 from agent 3" }],
  });
});

test("an explanation stops at what the command did to another agent", () => {
  const log = bootedLog();
  log.command("domain.create", [permits([2, 0, true]), reset(3, "request"), reset(2, "request")]);
  expect(permissionExplain(log.db, 2, 0, log.headSeq).chain.map(({ type }) => type)).toEqual([
    "smc.forwarded",
  ]);
});

test("a permission that goes from one deviation to the other changes once", () => {
  const log = bootedLog();
  log.command("permission.set", [permits([2, 0, true])]);
  log.command("permission.set", [permits([2, 0, false])]);
  log.command("permission.set", [permits([2, 0, undefined])]);
  const changes = permissionHistory(log.db, { ...ALL, agentId: 2, deviceId: 0 }).items;
  expect(changes.map(({ seq, allowed }) => [seq, allowed])).toEqual([
    [4, true],
    [5, false],
  ]);
});

interface Cell {
  readonly agentId: number;
  readonly deviceId: number;
  readonly allowed: boolean;
  readonly sinceSeq: number;
}

interface Change {
  readonly seq: number;
  readonly agentId: number;
  readonly deviceId: number;
  readonly allowed: boolean;
  readonly domid: number | null;
}

/** Permissions folded from the events in the plainest way: all cells after each event, and where two moments differ. */
class Fold {
  readonly changes: Change[] = [];
  readonly matrices: Cell[][] = [[]];
  #configured: FirmwareConfig | null = null;
  #ruling: FirmwareConfig | null = null;
  readonly #deviations = new Map<string, boolean>();
  readonly #since = new Map<string, number>();
  #bootSeq = 0;
  readonly #holders = new Map<number, number>();

  apply(event: LoggedEvent): void {
    const before = this.#values();
    // A boot finds no domain: those of the epoch before went with it.
    const holders = event.type === "host.booted" ? new Map<number, number>() : new Map(this.#holders);
    this.#evolve(event);
    const after = this.#values();
    for (const [pair, allowed] of after) {
      if (allowed === before.get(pair)) continue;
      const [agentId, deviceId] = pair.split(".").map(Number) as [number, number];
      this.changes.push({ seq: event.seq, agentId, deviceId, allowed, domid: holders.get(agentId) ?? null });
    }
    const { agents = [], devices = [] } = this.#ruling ?? {};
    this.matrices[event.seq] = agents.flatMap(({ id: agentId }) =>
      devices.map(({ id: deviceId }) => ({
        agentId,
        deviceId,
        allowed: after.get(`${agentId}.${deviceId}`) as boolean,
        sinceSeq: this.#since.get(`${agentId}.${deviceId}`) ?? this.#bootSeq,
      })),
    );
  }

  #values(): Map<string, boolean> {
    const values = new Map<string, boolean>();
    for (const agentId of [0, 1, 2, 3]) {
      for (const deviceId of [0, 1, 7, 9]) {
        const pair = `${agentId}.${deviceId}`;
        const isListed = this.#ruling?.agents.some(({ id }) => id === agentId) === true;
        const byDefault = isListed && defaultAllowed(this.#ruling as FirmwareConfig, agentId, deviceId);
        values.set(pair, this.#deviations.get(pair) ?? byDefault);
      }
    }
    return values;
  }

  #evolve(event: LoggedEvent): void {
    switch (event.type) {
      case "host.configured":
        this.#configured = event.data.board.firmware;
        return;
      case "host.booted":
        this.#ruling = this.#configured;
        this.#bootSeq = event.seq;
        this.#deviations.clear();
        this.#since.clear();
        this.#holders.clear();
        return;
      case "mediator.probed":
        this.#holders.clear();
        return;
      case "mediator.probe-failed":
        if (event.data.listEmptied) this.#holders.clear();
        return;
      case "domain.created":
        if (event.data.agent !== null) this.#holders.set(event.data.agent, event.domid as number);
        return;
      case "domain.destroyed":
        for (const [agentId, domid] of this.#holders)
          if (domid === event.domid) this.#holders.delete(agentId);
        return;
      case "smc.forwarded":
        // What counts is how the event left a cell, not what it was in between.
        for (const [pair, value] of new Map(
          event.data.effects.map(({ row, column, value }) => [`${row}.${column}`, value]),
        )) {
          if (this.#deviations.get(pair) === value) continue;
          this.#since.set(pair, event.seq);
          if (value === undefined) this.#deviations.delete(pair);
          else this.#deviations.set(pair, value === true);
        }
        return;
      default:
        return;
    }
  }
}

function logOf(commands: readonly RandomCommand[]): { log: HostLog; fold: Fold } {
  const log = new HostLog();
  const fold = new Fold();
  for (const [kind, drafts] of commands) for (const one of log.command(kind, drafts)) fold.apply(one);
  return { log, fold };
}

function historyOf(log: HostLog, request: PermissionHistoryRequest): Change[] {
  const changes: Change[] = [];
  let after: string | undefined;
  do {
    const page = permissionHistory(log.db, { ...request, ...(after === undefined ? {} : { after }) });
    for (const { seq, agentId, deviceId, allowed, domid } of page.items) {
      changes.push({ seq, agentId, deviceId, allowed, domid });
    }
    after = page.next ?? undefined;
    if (after !== undefined) expect(after).toMatch(CHANGE_CURSOR);
  } while (after !== undefined);
  return changes;
}

test("any moment's matrix is the fold of the events up to it", () => {
  fc.assert(
    fc.property(randomCommands, (commands) => {
      const { log, fold } = logOf(commands);
      for (let seq = 0; seq <= log.headSeq; seq += 1) {
        const cells = permissionsAt(log.db, seq, ALL).items.map(({ sinceTime, ...cell }) => cell);
        expect(cells).toEqual(fold.matrices[seq]);
      }
      log.db.close();
    }),
    { numRuns: runs(30, 600) },
  );
});

test("the history is every difference between two moments, whatever is asked for and however it is paged", () => {
  const some = (values: readonly number[]) => fc.constantFrom(undefined, ...values);
  const filter = fc.record({
    agentId: some([0, 1, 2, 3]),
    deviceId: some([0, 1, 7, 9]),
    domid: some([0, 1, 2]),
    fromSeq: some([0, 3, 9]),
    toSeq: some([2, 8, 30]),
  });
  fc.assert(
    fc.property(randomCommands, filter, fc.integer({ min: 1, max: 9 }), (commands, asked, limit) => {
      const { log, fold } = logOf(commands);
      expect(historyOf(log, { limit })).toEqual(fold.changes);
      const { agentId, deviceId, domid, fromSeq, toSeq } = asked;
      const expected = fold.changes.filter(
        (change) =>
          (agentId === undefined || change.agentId === agentId) &&
          (deviceId === undefined || change.deviceId === deviceId) &&
          (domid === undefined || change.domid === domid) &&
          change.seq >= (fromSeq ?? 0) &&
          change.seq <= (toSeq ?? Number.MAX_SAFE_INTEGER),
      );
      expect(historyOf(log, { ...asked, limit })).toEqual(expected);
      log.db.close();
    }),
    { numRuns: runs(40, 800) },
  );
});

test("an explanation says what the matrix says, and ends with an event that is no later", () => {
  fc.assert(
    fc.property(randomCommands, (commands) => {
      const { log, fold } = logOf(commands);
      for (let seq = 1; seq <= log.headSeq; seq += 1) {
        for (const { agentId, deviceId, allowed, sinceSeq } of fold.matrices[seq] ?? []) {
          const explained = permissionExplain(log.db, agentId, deviceId, seq);
          const seqs = explained.chain.map((found) => found.seq);
          expect(explained.allowed).toBe(allowed);
          expect(seqs).toContain(sinceSeq);
          expect(Math.max(...seqs)).toBeLessThanOrEqual(seq);
        }
      }
      log.db.close();
    }),
    { numRuns: runs(10, 200) },
  );
});
