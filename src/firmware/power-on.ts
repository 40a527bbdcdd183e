import type { Scalar, Table } from "#base/cells.ts";
import type { AgentConfig, FirmwareConfig } from "#config/board.ts";
import { CHANNEL_FREE, SHMEM } from "#scmi/shmem.ts";
import { indexOf } from "./board-index.ts";
import { hold } from "./power-domains.ts";
import type { FirmwareMemory } from "./ring.ts";
import type { FirmwareState, PowerDomainCells } from "./state.ts";

/**
 * Brings the firmware to its power-on state, as a first boot, a host reboot and a firmware reset do: every table has its initial
 * values, no channel is wedged, and in each agent's page the 28 header bytes are zero but for FREE. Payloads stay as they are.
 */
export function powerOn(config: FirmwareConfig, state: FirmwareState, memory: FirmwareMemory): void {
  refill(state.clock, new Map(config.clocks.map(({ id, rate, enabled }) => [id, { rate, enabled }])));
  refill(state.powerDomain, powerDomainsAtPowerOn(config));
  refill(state.reset, new Map());
  refill(state.permission, new Map());
  refill(state.channel, new Map());
  refill(state.p2a, new Map());
  refill(state.pending, new Map());
  refill(state.subscription, new Map());
  refill(state.negotiated, new Map());
  refill(state.protocolPermission, new Map());
  for (const address of config.agents.flatMap(pagesOf)) {
    const page = memory.window(address);
    for (let offset = 0; offset < SHMEM.PAYLOAD; offset += 4) page.write32(offset, 0);
    page.write32(SHMEM.CHANNEL_STATUS, CHANNEL_FREE);
  }
}

/** Pages that an agent shares with the firmware: its own, and the one for what the firmware sends by itself. */
function pagesOf({ shmem, p2a = null }: AgentConfig): number[] {
  return p2a === null ? [shmem] : [shmem, p2a];
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
    if (alwaysOn || initial === "on") hold(board, cells, id);
  }
  return domains;
}

/** Makes a table hold these rows and no others, writing only what differs. */
function refill<Row extends object>(table: Table<Row>, rows: ReadonlyMap<number, Row>): void {
  for (const id of table.keys()) {
    if (!rows.has(id as number)) table.delete(id);
  }
  for (const [id, row] of rows) table.put(id, row as Partial<Row> & Record<string, Scalar>);
}
