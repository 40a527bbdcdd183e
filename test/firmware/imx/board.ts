import { isProblem } from "#base/problem.ts";
import type { FirmwareConfig } from "#config/board/board.ts";
import { parseBoard } from "#config/board/file.ts";
import { packHeader } from "#scmi/header.ts";
import { statusName } from "#scmi/status.ts";
import { TestFirmware, words } from "../support/firmware.ts";

/**
 * Two machines: HOST with the agents 0, 1, 2 (numbers 1, 2, 3) and AUX with 3, 4 (numbers 1, 2). Agents 0 and 3 may do everything,
 * 1 and 4 what SET allows, 2 nothing. Id 3 of every kind is the highest, 2 is fused off.
 */
const BOARD = `
name: imx
deviceTree: host.dtb
firmware:
  profile: imx
  vendor: NXP
  subVendor: IMX
  implementationVersion: 7
  trustedAgents: []
  protocols: [power, system, performance, clock, sensor, reset, voltage, pinctrl]
  agents:
    - { id: 0, name: AP, funcId: 0x82000002, shmem: 0x47ff0000, p2a: 0x48000000 }
    - { id: 1, name: AP-NS, funcId: 0x82000003, shmem: 0x47ff1000, p2a: 0x48001000 }
    - { id: 2, name: GUEST, funcId: 0x82000004, shmem: 0x47ff2000 }
    - { id: 3, name: M7, funcId: 0x82000005, shmem: 0x47ff3000, p2a: 0x48003000 }
    - { id: 4, name: M7-a-long-name-cut, funcId: 0x82000006, shmem: 0x47ff4000 }
  instances: [ { id: 0, name: HOST, agents: [0, 1, 2] }, { id: 1, name: AUX, agents: [3, 4] } ]
  levels:
    0: { default: ALL }
    1: { default: SET }
    3: { default: ALL, agent: { 4: PRIV } }
    4: { default: SET, system: GET, clock: { 1: PRIV } }
  powerDomains:
    - { id: 0, name: always, alwaysOn: true }
    - { id: 1, name: on-at-boot, initial: on }
    - { id: 2, name: fused, absent: true }
    - { id: 3, name: npu }
  performanceDomains:
    - id: 0
      name: cpu
      rateLimitUs: 20
      sustainedFreqKhz: 2000000
      sustainedLevel: 2000000
      level: 1
      levels:
        - { value: 1000000, powerCost: 200, latencyUs: 500 }
        - { value: 1200000, powerCost: 300, latencyUs: 500 }
        - { value: 1400000, powerCost: 400, latencyUs: 500 }
        - { value: 1600000, powerCost: 500, latencyUs: 500 }
        - { value: 2000000, powerCost: 600, latencyUs: 500 }
    - { id: 2, name: fused, absent: true, levels: [ { value: 1 } ] }
    - { id: 3, name: one, levels: [ { value: 5 } ] }
  clocks:
    - { id: 0, name: pll, range: { min: 100, max: 200, step: 10 }, rate: 150, parents: [1, 3], parent: 3 }
    - { id: 1, name: on-at-boot, range: { min: 1, max: 9, step: 1 }, enabled: true }
    - { id: 2, name: fused, rate: 1, absent: true }
    - { id: 3, name: osc, rates: [24, 48], rate: 24 }
  sensors:
    - { id: 0, name: temp0, type: 2, exponent: -2, tripPoints: 2, timestamp: -3, reading: 2525 }
    - { id: 1, name: temp1, type: 2, exponent: -2, tripPoints: 0, timestamp: false, reading: -5 }
    - { id: 2, name: fused, type: 2, absent: true }
    - { id: 3, name: volt, type: 5, exponent: -6, reading: 1 }
  resets: [ { id: 0, name: mix0 }, { id: 2, name: fused, absent: true }, { id: 3, name: mix3 } ]
  voltageDomains:
    - { id: 0, name: vdd, range: { min: 600000, max: 1000000, step: 12500 }, mode: off, level: 800000 }
    - { id: 1, name: on-at-boot, range: { min: 0, max: 10, step: 1 }, mode: on, level: 0 }
    - { id: 2, name: fused, range: { min: 0, max: 10, step: 1 }, mode: off, level: 0, absent: true }
    - { id: 3, name: io, range: { min: 0, max: 10, step: 1 }, mode: off, level: 0 }
  pins: [ { id: 0, name: pin0 }, { id: 2, name: fused, absent: true }, { id: 3, name: pin3 } ]
  devices:
    - { id: 0, name: uart }
    - { id: 1, name: gpu, defaultAccess: [0, 1] }
    - { id: 3, name: npu }
`;

/** The firmware part of the board above. */
export function imxConfig(more: Partial<FirmwareConfig> = {}): FirmwareConfig {
  const board = parseBoard(BOARD, "board.yaml");
  if (isProblem(board)) throw new Error(board.detail);
  return { ...board.firmware, ...more };
}

/** imx with its board, powered on. */
export class Imx extends TestFirmware {
  constructor(more: Partial<FirmwareConfig> = {}) {
    super(imxConfig(more));
  }

  /** Sends words with any header and answers the channel: status word, length, header, payload words. */
  exchange(agentId: number, header: number, payload: number[], status = 0, length?: number) {
    const message = { header, payload, status, ...(length === undefined ? {} : { length }) };
    const { response } = this.send(agentId, message);
    const [channelStatus, , , , lengthOut = 0, headerOut] = words(this.page(agentId).bytes.subarray(4, 28));
    return { response, channelStatus, length: lengthOut, header: headerOut };
  }

  /** The status that a message of any id gets. */
  raw(agentId: number, protocolId: number, messageId: number, ...payload: number[]): string {
    const { response } = this.send(agentId, { header: packHeader(protocolId, messageId), payload });
    return response === null ? "nothing" : statusName((words(response.payload)[0] ?? 0) | 0);
  }

  /** What lies in an agent's platform-to-agent page: header and payload, or null: it is FREE. */
  told(agentId: number): { header: number; payload: number[] } | null {
    const address = this.config.agents.find(({ id }) => id === agentId)?.p2a ?? 0;
    const { bytes } = this.memory.window(address);
    const all = words(bytes.subarray(0, 128));
    if (((all[1] ?? 0) & 1) === 1) return null;
    const payload = all.slice(7, 7 + ((all[5] ?? 4) - 4) / 4);
    new DataView(bytes.buffer).setUint32(4, 1, true);
    return { header: all[6] ?? 0, payload };
  }
}

export const NONE = 0xffff_ffff;
export const ON = 0;
export const OFF = 0x4000_0000;
