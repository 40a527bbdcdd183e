import type { Scalar, Table } from "#base/cells.ts";
import type { FirmwareConfig } from "#config/board/board.ts";
import { PAGE_BYTES, SHMEM } from "#scmi/shmem.ts";
import { initialiseChannel, pagesOf } from "./channel/initialise-channel.ts";
import { votesAtPowerOn } from "./profiles/imx/at-power-on.ts";
import { indexOf } from "./resources/board-index.ts";
import { performanceAtPowerOn } from "./resources/performance-levels.ts";
import { hold } from "./resources/power-domains.ts";
import {
  clocksAtPowerOn,
  pinsAtPowerOn,
  powerCapsAtPowerOn,
  voltageDomainsAtPowerOn,
} from "./resources/resources-at-power-on.ts";
import { sensorsAtPowerOn } from "./resources/sensor-config.ts";
import { BOOT, POWER_VOTES } from "./resources/votes.ts";
import type { FirmwareMemory } from "./ring.ts";
import type { ClockVoteCells, FirmwareState, PowerDomainCells, PowerVoteCells } from "./state.ts";

/**
 * Brings the firmware to its power-on state, as a first boot, a host reboot and a firmware reset do: every table has its initial
 * values, no channel is wedged, and in each agent's page the 28 header bytes are zero but for FREE. Payloads stay as they are.
 */
export function powerOn(config: FirmwareConfig, state: FirmwareState, memory: FirmwareMemory): void {
  refill(state.clock, clocksAtPowerOn(config));
  refill(state.powerDomain, powerDomainsAtPowerOn(config));
  refill(state.reset, new Map());
  refill(state.clockVote, clocksHeldAtPowerOn(config));
  refill(state.powerVote, powerDomainsHeldAtPowerOn(config));
  const isImx = config.profile === "imx";
  const votes = isImx ? votesAtPowerOn(indexOf(config)) : undefined;
  refill(state.performanceVote, votes?.performance ?? new Map());
  refill(state.voltageVote, votes?.voltage ?? new Map());
  refill(state.sensorVote, new Map());
  refill(state.performance, performanceAtPowerOn(indexOf(config)));
  refill(state.sensor, sensorsAtPowerOn(indexOf(config)));
  refill(state.system, new Map());
  refill(state.voltage, voltageDomainsAtPowerOn(config));
  refill(state.powercap, powerCapsAtPowerOn(config));
  refill(state.pin, pinsAtPowerOn(config));
  refill(state.vendor, new Map());
  refill(state.permission, new Map());
  refill(state.access, new Map());
  refill(state.accessBefore, new Map());
  refill(state.owner, new Map());
  refill(state.channel, new Map());
  refill(state.received, new Map());
  refill(state.p2a, new Map());
  refill(state.pending, new Map());
  refill(state.subscription, new Map());
  refill(state.negotiated, new Map());
  refill(state.protocolPermission, new Map());
  const bytes = indexOf(config).switches.pageAtPowerOn === "zero" ? PAGE_BYTES : SHMEM.PAYLOAD;
  for (const address of config.agents.flatMap(pagesOf)) initialiseChannel(memory.window(address), bytes);
}

/** All domains off, and then those that start on switched on, each with its parents. */
function powerDomainsAtPowerOn(config: FirmwareConfig): Map<number, PowerDomainCells> {
  const board = indexOf(config);
  const domains = new Map(config.powerDomains.map(({ id }) => [id, { on: false, count: 0 }]));
  const cells = {
    read: (id: number) => domains.get(id) ?? { on: false, count: 0 },
    write: (id: number, after: PowerDomainCells) => void domains.set(id, after),
  };
  for (const { id, alwaysOn, initial } of config.powerDomains) {
    if ((alwaysOn && board.switches.pdAlwaysOnCounted) || initial === "on") hold(board, cells, id);
  }
  return domains;
}

/** The platform's own hold of the clocks that run at power-on, where holds are counted. */
function clocksHeldAtPowerOn(config: FirmwareConfig): Map<number, ClockVoteCells> {
  const { switches } = indexOf(config);
  const held = config.clocks.filter(({ enabled }) => enabled && switches.clockVotes !== "global");
  return new Map(held.map(({ id }) => [id, { [BOOT]: true }]));
}

/** The same of power domains. */
function powerDomainsHeldAtPowerOn(config: FirmwareConfig): Map<number, PowerVoteCells> {
  const { switches } = indexOf(config);
  const held = config.powerDomains.filter(
    ({ alwaysOn, initial }) => (alwaysOn || initial === "on") && switches.pdRefCount === "perAgent",
  );
  return new Map(held.map(({ id }) => [id, { [BOOT]: POWER_VOTES.ON }]));
}

/** Makes a table hold these rows and no others, writing only what differs. */
function refill<Row extends object>(table: Table<Row>, rows: ReadonlyMap<number, Row>): void {
  for (const id of table.keys()) {
    if (!rows.has(id as number)) table.delete(id);
  }
  for (const [id, row] of rows) {
    for (const column of Object.keys(table.get(id) ?? {})) {
      if (!(column in row)) table.write(id, column, undefined);
    }
    table.put(id, row as Partial<Row> & Record<string, Scalar>);
  }
}
