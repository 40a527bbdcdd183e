import { expect, test } from "vitest";
import type { FirmwareConfig } from "#config/board/board.ts";
import type { SentByFirmware } from "#events/types.ts";
import { completeOldest } from "#firmware/p2a/complete.ts";
import { packHeader } from "#scmi/header.ts";
import { agents } from "./support/boards.ts";
import { TestFirmware, words } from "./support/firmware.ts";
import { resourceBoard } from "./support/resource-board.ts";

/** What the firmware sends by itself of system power, performance and sensors. */

const P2A = agents(3).map((agent) => ({ ...agent, p2a: 0x4800_0000 + agent.id * 0x1000 }));

function firmwareWith(more: Partial<FirmwareConfig> = {}): TestFirmware {
  return new TestFirmware(resourceBoard("v32", { agents: P2A, ...more }));
}

/** To whom what was sent, as header and words. */
function told(sent: readonly SentByFirmware[]): number[][] {
  return sent.map(({ agentId, header, payload }) => [agentId, header, ...words(payload)]);
}

const [PERFORMANCE, SENSOR, SYSTEM] = [0x13, 0x15, 0x12];
const notification = (protocolId: number, id: number) => packHeader(protocolId, id, 0, 3);

test("limits that change are told of once, and then the level that moves with them", () => {
  const firmware = firmwareWith();
  // Agent 2 may not set the domain, but may know of it.
  firmware.status(2, "performance", "PERFORMANCE_NOTIFY_LIMITS", 0, 1);
  firmware.status(2, "performance", "PERFORMANCE_NOTIFY_LEVEL", 0, 1);
  const set = (max: number, min: number) =>
    told(firmware.send(1, { header: packHeader(PERFORMANCE, 0x5), payload: [0, max, min] }).notifications);
  expect(set(1000, 600)).toEqual([[2, notification(PERFORMANCE, 0), 1, 0, 1000, 600]]);
  expect(set(1000, 600)).toEqual([]);
  expect(set(0, 1000)).toEqual([[2, notification(PERFORMANCE, 0), 1, 0, 1000, 1000]]);
  expect(set(500, 500)).toEqual([
    [2, notification(PERFORMANCE, 0), 1, 0, 500, 500],
    [2, notification(PERFORMANCE, 1), 1, 0, 500],
  ]);
});

test("a level that changes is told of, and one that is set again is not", () => {
  const firmware = firmwareWith();
  for (const agentId of [1, 2]) firmware.status(agentId, "performance", "PERFORMANCE_NOTIFY_LEVEL", 0, 1);
  const set = (level: number) =>
    told(firmware.send(1, { header: packHeader(PERFORMANCE, 0x7), payload: [0, level] }).notifications);
  expect(set(1500)).toEqual([1, 2].map((agentId) => [agentId, notification(PERFORMANCE, 1), 1, 0, 1500]));
  expect(set(1500)).toEqual([]);
});

test("limits that a reset takes back are told of", () => {
  const firmware = firmwareWith();
  firmware.status(2, "performance", "PERFORMANCE_NOTIFY_LIMITS", 0, 1);
  firmware.status(1, "performance", "PERFORMANCE_LIMITS_SET", 0, 1000, 1000);
  const reset = firmware.send(0, { header: packHeader(0x10, 0xb), payload: [1, 0] });
  expect(told(reset.notifications)).toEqual([[2, notification(PERFORMANCE, 0), 0, 0, 1500, 500]]);
});

test("every request for a system state is told of, also the same again", () => {
  const firmware = firmwareWith();
  firmware.status(1, "system", "SYSTEM_POWER_STATE_NOTIFY", 1);
  const set = () =>
    told(firmware.send(0, { header: packHeader(SYSTEM, 0x3), payload: [1, 0] }).notifications);
  const once = [[1, notification(SYSTEM, 0), 0, 1, 0, 0]];
  expect([set(), set()]).toEqual([once, once]);
});

test("an asynchronous reading is taken, and its reading sent when it is done", () => {
  const firmware = firmwareWith();
  expect(firmware.call(2, "sensor", "PROTOCOL_ATTRIBUTES")).toEqual([0, 0x4_0004, 0, 0, 0]);
  expect(firmware.call(2, "sensor", "SENSOR_DESCRIPTION_GET", 2)[3]).toBe(0x8000_0100);
  const taken = firmware.send(2, { header: packHeader(SENSOR, 0x6, 9), payload: [0, 1] });
  expect(words(taken.response?.payload ?? new Uint8Array())).toEqual([0]);
  const done = completeOldest(firmware.config, firmware.state, firmware.memory, {});
  expect(told(done?.sent ?? [])).toEqual([[2, packHeader(SENSOR, 0x6, 9, 2), 0, 0, 2525, 0, 0, 0]]);
});

test("a sensor that was disabled meanwhile is not read", () => {
  const firmware = firmwareWith();
  firmware.status(2, "sensor", "SENSOR_CONFIG_SET", 3, 1);
  firmware.send(2, { header: packHeader(SENSOR, 0x6), payload: [3, 1] });
  firmware.status(2, "sensor", "SENSOR_CONFIG_SET", 3, 0);
  const done = completeOldest(firmware.config, firmware.state, firmware.memory, {});
  expect(told(done?.sent ?? [])).toEqual([[2, packHeader(SENSOR, 0x6, 0, 2), -10 >>> 0, 3]]);
});

test("a sensor whose readings are not asynchronous refuses such a request", () => {
  const { sensors } = resourceBoard("v32");
  const firmware = firmwareWith({ sensors: sensors.map((sensor) => ({ ...sensor, async: false })) });
  expect(firmware.status(2, "sensor", "SENSOR_READING_GET", 0, 1)).toBe("NOT_SUPPORTED");
});
