import { packHeader } from "#scmi/header.ts";
import { widthOf } from "#scmi/layout.ts";
import type { Command, Protocol } from "#scmi/protocol.ts";
import { commandsOf } from "#scmi/registry.ts";
import { SHMEM } from "#scmi/shmem.ts";
import type { Random } from "./random.ts";

/** Values of fields that a firmware looks at, those that mean something to the boards of the tests and those next to them. */
const VALUES: { readonly [field: string]: readonly number[] } = {
  agentId: [0, 1, 2, 3, 3, 4, 9, 0xffff_ffff],
  deviceId: [0, 0, 1, 2, 3, 9],
  commandId: [0x10, 0x11, 0x14, 0x16, 0x20],
  messageId: [0, 1, 3, 5, 7, 9, 11, 0x10, 0x44],
  version: [0x1_0000, 0x2_0000, 0x2_0001, 0x3_0000, 0x3_0001, 0x4_0000],
  notifyEnable: [0, 1, 1, 1, 2],
  sensorEventControl: [1, 1, 0, 2],
  flags: [0, 0, 0, 1, 1, 2, 3, 4, 5, 0x10],
  attributes: [0, 1, 0, 1, 2, 3, 0x101],
  powerState: [0, 0, 0x4000_0000, 0x4000_0000, 1],
  systemState: [0, 1, 2, 3, 4, 5, 0x8000_0000],
  resetState: [0, 0, 0, 0x8000_0000, 1],
  rate: [1_843_200, 24_000_000, 100_000_000, 400_000_000, 400_000_001, 8_000_000_000, 1_000_000_000, 24, 150],
  performanceLevel: [0, 1, 2, 4, 15, 200, 500, 1000, 1500],
  rangeMax: [0, 2, 3, 15, 400, 500, 1000, 1500, 9999],
  rangeMin: [0, 1, 2, 10, 100, 500, 1000],
  sensorConfig: [0, 1, 3, 0x400, 0x2a1, 0x1_0021, 0x7e0_0021],
  tripPointEventControl: [0, 1, 3, 0x13, 0x23],
  value: [5, 20, 21, 2525],
  config: [0, 7, 7, 1],
  voltageLevel: [0, 5000, 500_000, 500_001, 900_000, 1_000_000, 1_200_000, 1_800_000],
  cpli: [0, 0, 0, 1, 2],
  powerCap: [0, 999, 1000, 5000, 9000, 9001],
  interval: [100, 999, 1000, 2000, 5000],
};

const IDS: readonly number[] = [0, 0, 0, 1, 1, 2, 3, 3, 4];

/** A page with a message of a command: sensible for the most part, so that the firmware's state moves. */
export function randomMessage(random: Random, command: Command): Uint8Array {
  const layout = random.chance(80) ? command.requestLayouts[0] : random.pick(command.requestLayouts);
  const words = (layout?.entries ?? []).flatMap(({ name, field }) => {
    const value = random.chance(96) ? random.pick(VALUES[name] ?? IDS) : random.u32();
    if (widthOf(field) === 8) return [value % 2 ** 32, Math.floor(value / 2 ** 32)];
    return Array.from({ length: widthOf(field) / 4 }, () => value);
  });
  return page(command, random.chance(4) ? [...words, 0] : words);
}

function page({ protocolId, id }: Command, words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(SHMEM.PAYLOAD + 4 * words.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(SHMEM.LENGTH, 4 + 4 * words.length, true);
  view.setUint32(SHMEM.MESSAGE_HEADER, packHeader(protocolId, id), true);
  for (const [i, word] of words.entries()) view.setUint32(SHMEM.PAYLOAD + 4 * i, word, true);
  return bytes;
}

/** Messages on which rules turn that chance seldom comes to, for the boards of the firmware's tests. */
const TELLING: readonly (readonly [message: string, ...words: number[]])[] = [
  ["BASE_RESET_AGENT_CONFIGURATION", 1, 0],
  ["BASE_SET_DEVICE_PERMISSIONS", 3, 3, 0],
  ["BASE_SET_DEVICE_PERMISSIONS", 3, 2, 3],
  ["BASE_SET_PROTOCOL_PERMISSIONS", 3, 0, 0x14, 0],
  ["BASE_SET_PROTOCOL_PERMISSIONS", 3, 0, 0x14, 1],
  ["NEGOTIATE_PROTOCOL_VERSION", 0x2_0000],
  ["POWER_STATE_SET", 0, 0, 0],
  ["POWER_STATE_SET", 0, 0, 0x4000_0000],
  ["POWER_STATE_SET", 0, 3, 0],
  ["POWER_STATE_SET", 0, 3, 0x4000_0000],
  ["POWER_STATE_SET", 1, 3, 0],
  ["POWER_STATE_SET", 0, 3, 1],
  ["SYSTEM_POWER_STATE_SET", 0, 4],
  ["SYSTEM_POWER_STATE_SET", 0, 0],
  ["POWER_STATE_NOTIFY", 3, 1],
  ["PERFORMANCE_LIMITS_SET", 3, 15, 10],
  ["PERFORMANCE_LIMITS_SET", 3, 10, 15],
  ["PERFORMANCE_LEVEL_SET", 3, 20],
  ["CLOCK_DESCRIBE_RATES", 1, 1],
  ["CLOCK_RATE_SET", 0, 1, 400_000_001, 0],
  ["CLOCK_RATE_SET", 0, 1, 3_705_032_704, 1],
  ["CLOCK_RATE_SET", 0, 0, 400_000_001, 0],
  ["SENSOR_READING_GET", 3, 0],
  ["SENSOR_TRIP_POINT_CONFIG", 0, 0x23, 5, 0],
  ["RESET", 3, 3, 0],
  ["RESET", 3, 0, 1],
  ["VOLTAGE_LEVEL_SET", 3, 0, 5000],
  ["POWERCAP_CAP_SET", 3, 0, 9001],
  ["PINCTRL_REQUEST", 2, 0],
  ["PINCTRL_SETTINGS_CONFIGURE", 2, 0, 0],
  ["PINCTRL_SETTINGS_CONFIGURE", 2, 0, 0],
];

/** A message of which a rule has to think; null: the one that chance came to is of none of these protocols. */
export function tellingMessage(random: Random, protocols: readonly Protocol[]): Uint8Array | null {
  const [name, ...words] = random.pick(TELLING);
  const command = protocols.flatMap(commandsOf).find((listed) => listed.name === name);
  return command === undefined ? null : page(command, words);
}
