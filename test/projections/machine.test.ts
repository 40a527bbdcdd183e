import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { hexWord } from "#base/hex.ts";
import type { HostDescription } from "#config/board/board.ts";
import type { LoggedEvent } from "#events/logged.ts";
import { allowedPairs } from "#firmware/access/permissions.ts";
import type { Command } from "#machine/commands/commands.ts";
import type { DomainView } from "#machine/commands/results.ts";
import { type FaultSource, Machine } from "#machine/machine.ts";
import { domainView } from "#machine/views/views.ts";
import { DOMID_XEN } from "#mediator/state.ts";
import { openProjections, rebuildProjections } from "#projections/catalogue.ts";
import { agents } from "#projections/queries/agents.ts";
import { channels } from "#projections/queries/channels.ts";
import { devices } from "#projections/queries/devices.ts";
import { domain, domains } from "#projections/queries/domains.ts";
import { permissionsAt } from "#projections/queries/permissions-at.ts";
import { smcCounters } from "#projections/queries/smc-counters.ts";
import { sha256 } from "#replay/hash.ts";
import { openInMemory } from "#store/database.ts";
import { twoGuests } from "../support/two-guests.ts";

/** A machine, with projections of what it records. */
class Projected {
  readonly db = openInMemory();
  readonly events: LoggedEvent[] = [];
  readonly machine: Machine;
  readonly #projections = openProjections(this.db);
  #commandId = 0;

  constructor(description: HostDescription, faults: FaultSource | null = null) {
    this.machine = new Machine(sha256, faults);
    this.execute({ kind: "host.configure", description });
  }

  execute(command: Command): void {
    this.#commandId += 1;
    const stamp = { commandId: this.#commandId, timeUs: 1_700_000_000_000_000 + this.#commandId };
    const envelope = {
      ...stamp,
      actor: "a",
      source: "cli",
      reason: null,
      request: null,
      program: "test",
    } as const;
    for (const event of this.machine.execute(command, stamp).events) {
      const logged = { ...event, ...envelope } as LoggedEvent;
      this.events.push(logged);
      this.#projections.apply(logged);
    }
    this.#projections.flush();
  }

  channels() {
    const { channel } = this.machine.state.mediator;
    return channel.ids().map((index) => {
      const { agentId, funcId, shmem, owner } = channel.at(index);
      const shown = owner === DOMID_XEN ? "xen" : owner;
      return { agentId, funcId: hexWord(funcId), shmem: hexWord(shmem), owner: shown };
    });
  }

  domains(): DomainView[] {
    return this.machine.state.mediator.domain.ids().map((domid) => domainView(this.machine.state, domid));
  }

  permissions(): [number, number][] {
    const board = this.machine.state.configuration()?.board;
    return board === undefined ? [] : allowedPairs(board.firmware, this.machine.state.firmware);
  }
}

let boards: readonly HostDescription[];

beforeAll(async () => {
  boards = [await twoGuests(), await twoGuests({ profile: "ref" })];
});

test("the example board's tables are what the board and the boot say", () => {
  const { db } = new Projected(boards[0] as HostDescription);
  expect(agents(db, { limit: 9 }).items.map(({ id, role, domid }) => [id, role, domid])).toEqual([
    [0, "ospm", 0],
    [1, "management", null],
    [2, "ospm", null],
    [3, "ospm", null],
  ]);
  expect(devices(db, { limit: 9 }).items.map(({ name, paths }) => [name, paths])).toEqual([
    ["i2c1", ["/soc/i2c@10001000"]],
    ["gpu", ["/soc/gpu@20000000"]],
    ["shared-timer", ["/soc/timer@10000000"]],
  ]);
});

const guestAgent = fc.constantFrom(2, 3, 4);
const domid = fc.integer({ min: 0, max: 4 });
const path = fc.constantFrom("/soc/gpu@20000000", "/soc/i2c@10001000", "/soc/none");

const command: fc.Arbitrary<Command> = fc.oneof(
  fc
    .record({
      name: fc.constantFrom("red", "blue"),
      type: fc.constantFrom("scmi_smc_multiagent", "none"),
      agentId: guestAgent,
      dtdev: fc.uniqueArray(path, { maxLength: 2 }),
    })
    .map(
      ({ name, type, agentId, dtdev }): Command => ({
        kind: "domain.create",
        request: { name, sci: { type, agentId }, dtdev, passthrough: null, uuid: null },
      }),
    ),
  domid.map((domain): Command => ({ kind: "domain.destroy", domain })),
  domid.map((domain): Command => ({ kind: "domain.restart", domain })),
  domid.map((domain): Command => ({ kind: "domain.shutdown", domain, reason: "reboot" })),
  fc.tuple(domid, path).map(([domain, to]): Command => ({ kind: "device.assign", domain, path: to })),
  fc
    .tuple(guestAgent, fc.boolean())
    .map(([agentId, permissions]): Command => ({ kind: "agent.reset", agentId, permissions })),
  fc
    .tuple(guestAgent, fc.integer({ min: 0, max: 3 }), fc.boolean())
    .map(([agentId, deviceId, allowed]): Command => ({ kind: "permission.set", agentId, deviceId, allowed })),
  domid.map(
    (domain): Command => ({
      kind: "scmi",
      domain,
      call: { protocol: "clock", message: "CLOCK_CONFIG_SET", params: { clockId: 1, attributes: 1 } },
    }),
  ),
  fc.constant<Command>({ kind: "host.reboot", cause: "reboot" }),
);

/** A firmware that now and then answers Xen with an error, so that domains stay dying and permissions stay behind. */
function failing(pattern: readonly boolean[]): FaultSource {
  let i = 0;
  return {
    pick() {
      i += 1;
      // The probe and dom0's devices come first.
      const isFaulty = i > 20 && pattern[i % Math.max(1, pattern.length)] === true;
      return isFaulty ? ({ action: "status", value: -3 } as never) : undefined;
    },
  };
}

test("whatever is asked of the machine, the tables say what its state says", () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 1 }),
      fc.array(command, { maxLength: 25 }),
      fc.array(fc.boolean(), { maxLength: 6 }),
      (board, commands, faults) => {
        const host = new Projected(boards[board] as HostDescription, failing(faults));
        for (const asked of commands) {
          host.execute(asked);
          expect(channels(host.db)).toEqual(host.channels());
          const live = host.domains();
          expect(live.map(({ domid }) => domain(host.db, domid))).toEqual(live);
          const matrix = permissionsAt(host.db, host.machine.seq, { limit: 1000 }).items;
          expect(matrix.filter(({ allowed }) => allowed).map((c) => [c.agentId, c.deviceId])).toEqual(
            host.permissions(),
          );
        }
        const left = domains(host.db, { limit: 1000 }).items.filter(({ state }) => state !== "destroyed");
        expect(left.map(({ domid }) => domid).sort()).toEqual(host.domains().map(({ domid }) => domid));
        const forwarded = host.events.filter(({ type }) => type === "smc.forwarded");
        const counted = smcCounters(host.db).reduce((sum, row) => sum + row.forwarded, 0);
        expect(counted).toBe(forwarded.length);
        expect(rebuildProjections(host.db, host.events).identical).toBe(true);
        host.db.close();
      },
    ),
    { numRuns: 20 },
  );
});
