import { expect, test } from "vitest";
import { Journal } from "#base/cells.ts";
import { Draft } from "#firmware/draft.ts";
import { Outbox } from "#firmware/p2a/outbox.ts";
import { powerOn } from "#firmware/power-on.ts";
import { performance } from "#firmware/protocols/performance.ts";
import { sensor } from "#firmware/protocols/sensor.ts";
import { indexOf } from "#firmware/resources/board-index.ts";
import type { ProtocolServer } from "#firmware/server-types.ts";
import { createFirmwareState } from "#firmware/state.ts";
import { encodeFields, layoutFor } from "#scmi/layout.ts";
import type { Command } from "#scmi/protocol.ts";
import { words } from "./support/firmware.ts";
import { RecordingMemory } from "./support/pages.ts";
import { nameWords, resourceBoard } from "./support/resource-board.ts";

/** Carries out a command in the layouts of an older version of its protocol, as profiles that speak one do, for agent 1. */
function call(
  { protocol, handlers }: ProtocolServer,
  version: number,
  name: string,
  request: object,
): string | number[] {
  const config = resourceBoard("v32");
  const state = createFirmwareState(new Journal());
  const memory = new RecordingMemory();
  powerOn(config, state, memory);
  const board = indexOf(config);
  const draft = new Draft(state);
  const context = {
    board,
    draft,
    caller: 1,
    spoken: { name: protocol.name, version, layout: version, has: () => true },
    outbox: new Outbox(board, draft, memory),
    message: { header: 0, payload: new Uint8Array() },
    isCompletion: false,
  };
  const result = handlers[name]?.(context, request as never);
  if (typeof result !== "object" || result === null) return String(result);
  const { responseLayouts } = protocol.commands[name] as Command;
  return words(encodeFields(layoutFor(responseLayouts, version), { status: 0, ...result }));
}

test("performance 3.0: levels of three words, seven a message", () => {
  const described = call(performance, 0x3_0000, "PERFORMANCE_DESCRIBE_LEVELS", {
    domainId: 0,
    levelIndex: 1,
  });
  expect(described).toEqual([0, 2, 1000, 200, 10, 1500, 300, 10]);
  const many = call(performance, 0x3_0000, "PERFORMANCE_DESCRIBE_LEVELS", { domainId: 3, levelIndex: 0 });
  expect(many.slice(0, 2)).toEqual([0, 0x5_0007]);
});

test("performance 3.0: a limit of 0 is a limit", () => {
  const set = (rangeMax: number, rangeMin: number) =>
    call(performance, 0x3_0000, "PERFORMANCE_LIMITS_SET", { domainId: 0, rangeMax, rangeMin });
  expect([set(1000, 0), set(0, 1000), set(0, 0), set(1000, 500)]).toEqual([
    "OUT_OF_RANGE",
    "INVALID_PARAMETERS",
    "OUT_OF_RANGE",
    "SUCCESS",
  ]);
});

test("sensor 1.0: readings without timestamps, the first of those of axes", () => {
  const get = (sensorId: number) => call(sensor, 0x1_0000, "SENSOR_READING_GET", { sensorId, flags: 0 });
  expect(get(0)).toEqual([0, 2525, 0]);
  expect(get(1)).toEqual([0, -9810 >>> 0, 0xffff_ffff]);
});

test("sensor 1.0: descriptors have an update interval, and nothing of what came later", () => {
  // 1 ms: 1 * 10^-3 s.
  const temp = [0, 0x4000_0002, (1 << 27) | (29 << 22) | 0xf002, ...nameWords("temp", 16)];
  const imu = [1, 0x2000_0000, (1 << 27) | (29 << 22) | 0xe859, ...nameWords("imu-with-a-long", 16)];
  const volt = [3, 0, 5, ...nameWords("volt", 16)];
  const described = call(sensor, 0x1_0000, "SENSOR_DESCRIPTION_GET", { descIndex: 0 });
  expect(described).toEqual([0, 3, ...temp, ...imu, ...volt]);
});
