import { Journal } from "#base/cells.ts";
import { isProblem } from "#base/problem.ts";
import { inTurns, rate } from "#cli/bench/turns.ts";
import { parseBoard } from "#config/board/file.ts";
import { powerOn } from "#firmware/power-on.ts";
import { ring } from "#firmware/server.ts";
import { createFirmwareState } from "#firmware/state.ts";
import { PhysicalMemory, ScratchMemory } from "#machine/state/memory.ts";
import { encodeRequest } from "#scmi/codec.ts";
import { packHeader } from "#scmi/header.ts";
import { findCommand } from "#scmi/registry.ts";
import { SHMEM } from "#scmi/shmem.ts";
import { ROUNDS, report } from "./report.ts";

/** What a driver of each protocol asks most. */
const MESSAGES = {
  base: ["BASE_DISCOVER_AGENT", { agentId: 0xffff_ffff }],
  power: ["POWER_STATE_GET", { domainId: 0 }],
  clock: ["CLOCK_RATE_GET", { clockId: 0 }],
  reset: ["RESET_DOMAIN_ATTRIBUTES", { domainId: 0 }],
  system: ["PROTOCOL_ATTRIBUTES", {}],
  performance: ["PERFORMANCE_LEVEL_GET", { domainId: 0 }],
  sensor: ["SENSOR_READING_GET", { sensorId: 0, flags: 0 }],
  voltage: ["VOLTAGE_LEVEL_GET", { domainId: 0 }],
  powercap: ["POWERCAP_CAP_GET", { domainId: 0 }],
  pinctrl: ["PROTOCOL_ATTRIBUTES", {}],
} as const;

type ProtocolName = keyof typeof MESSAGES;

const FIRST: readonly ProtocolName[] = ["base", "power", "clock", "reset"];
const FUNC_ID = 0x8200_0002;
const SHMEM_ADDRESS = 0x47ff_0000;

const RESOURCES = {
  first: `
  powerDomains: [ { id: 0, name: gpu } ]
  clocks: [ { id: 0, name: uart, rates: [24000000] } ]
  resets: [ { id: 0, name: i2c } ]`,
  later: `
  performanceDomains: [ { id: 0, name: cpu, levels: [ { value: 1000, powerCost: 1, latencyUs: 1 } ] } ]
  sensors: [ { id: 0, name: temp, type: 2, reading: 25 } ]
  voltageDomains: [ { id: 0, name: vdd, range: { min: 0, max: 1000, step: 1 } } ]
  powerCaps: [ { id: 0, name: soc, range: { min: 1, max: 10, step: 1 }, cap: 5 } ]
  pins: [ { id: 0, name: pin0 } ]`,
};

/** The firmware alone: a message of each protocol; and the first four on a board that speaks only them and on one that speaks all. */
export async function benchProtocols(): Promise<void> {
  const all = server(
    "power, reset, clock, system, performance, sensor, voltage, powercap, pinctrl",
    RESOURCES.first + RESOURCES.later,
  );
  const few = server("power, reset, clock", RESOURCES.first);
  const names = Object.keys(MESSAGES) as ProtocolName[];
  const rates = await inTurns(
    [
      ...names.map((name) => ({ name: `all ${name}`, turn: all(name) })),
      ...FIRST.map((name) => ({ name: `few ${name}`, turn: few(name) })),
    ],
    ROUNDS,
  );
  for (const name of names) {
    const ours = rates.get(`all ${name}`) ?? 0;
    const limit = rates.get(`few ${name}`);
    if (limit === undefined) report(`${name}: ${MESSAGES[name][0]}, µs`, 1e6 / ours, "–", rate(ours));
    else
      report(
        `${name}: ${MESSAGES[name][0]}, of a board of four`,
        ours / limit,
        "≥ 0.95",
        `${(1e6 / ours).toFixed(2)} µs, ${rate(ours)}`,
      );
  }
}

function server(protocols: string, resources: string): (name: ProtocolName) => () => number {
  const board = parseBoard(
    `name: bench\ndeviceTree: none.dtb\nfirmware:\n  profile: v32\n  trustedAgents: [0]\n  protocols: [${protocols}]\n` +
      `  agents: [ { id: 0, name: a, funcId: ${FUNC_ID}, shmem: ${SHMEM_ADDRESS} } ]${resources}\n`,
    "bench",
  );
  if (isProblem(board)) throw new Error(board.detail);
  const journal = new Journal();
  const state = createFirmwareState(journal);
  const memory = new PhysicalMemory(journal);
  powerOn(board.firmware, state, memory);
  journal.clear();
  const scratch = new ScratchMemory(memory);
  const x = [BigInt(FUNC_ID), 0n, 0n, 0n, 0n, 0n, 0n, 0n];
  return (name) => {
    const [message, params] = MESSAGES[name];
    const command = findCommand(name, message);
    if (isProblem(command)) throw new Error(command.detail);
    const payload = encodeRequest(command, params);
    if (isProblem(payload)) throw new Error(payload.detail);
    const header = packHeader(command.protocolId, command.id);
    return () => {
      for (let i = 0; i < 100; i += 1) {
        scratch.reset();
        const page = scratch.window(SHMEM_ADDRESS);
        page.write32(SHMEM.CHANNEL_STATUS, 0);
        page.write32(SHMEM.LENGTH, 4 + payload.length);
        page.write32(SHMEM.MESSAGE_HEADER, header);
        for (let at = 0; at < payload.length; at += 1) page.write8(SHMEM.PAYLOAD + at, payload[at] as number);
        const { response } = ring(board.firmware, state, scratch, x);
        if (response?.payload[0] !== 0) throw new Error(`${message} was refused`);
      }
      return 100;
    };
  };
}
