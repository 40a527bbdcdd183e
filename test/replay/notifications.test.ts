import { beforeAll, describe, expect, test } from "vitest";
import { toHex } from "#base/hex.ts";
import type { HostDescription } from "#config/board/board.ts";
import type { SentByFirmware } from "#events/types.ts";
import type { Command } from "#machine/commands/commands.ts";
import type { Decision } from "#machine/machine.ts";
import { Random } from "../support/random.ts";
import { Recording } from "../support/recording.ts";
import { runs } from "../support/runs.ts";
import { talking } from "../support/talking.ts";

const SEEDS = runs(3, 100);
const COMMANDS = 600;

let boards: HostDescription[];
beforeAll(async () => {
  // Every device is everybody's, so that guests have something to talk of.
  const plain = await talking();
  const devices = plain.board.firmware.devices.map((device) => ({
    ...device,
    defaultAccess: "all" as const,
  }));
  boards = await Promise.all([
    talking({ devices }),
    talking({ devices, switches: { p2aBusy: "drop", p2aToken: "counting" } }),
  ]);
});

function scmi(domain: string, protocol: string, message: string, params: Record<string, unknown>): Command {
  return { kind: "scmi", domain, call: { protocol, message, params } };
}

function guest(name: string, agentId: number): Command {
  const sci = { type: "scmi_smc_multiagent", agentId };
  return { kind: "domain.create", request: { name, sci, dtdev: [], passthrough: null, uuid: null } };
}

/** Something that makes the firmware talk. */
function talk(random: Random): Command {
  const domain = random.pick(["red", "blue"]);
  const id = random.below(2);
  const on = random.chance(85) ? 1 : 0;
  const flags = random.pick([0, 0, 1, 3]);
  return random.weighted<Command>([
    [
      12,
      () =>
        scmi(domain, "clock", "CLOCK_RATE_SET", {
          flags,
          clockId: 0,
          rate: random.pick([1_843_200, 24_000_000]),
        }),
    ],
    [
      8,
      () =>
        scmi(domain, "clock", "CLOCK_RATE_SET", {
          flags,
          clockId: 1,
          rate: random.pick([100_000_000, 400_000_000]),
        }),
    ],
    [
      8,
      () =>
        scmi(domain, "power", "POWER_STATE_SET", {
          flags: flags & 1,
          domainId: id,
          powerState: random.pick(["ON", "OFF"]),
        }),
    ],
    [
      6,
      () => scmi(domain, "reset", "RESET", { domainId: 0, flags: random.pick([0, 1, 2, 5]), resetState: 0 }),
    ],
    [4, () => scmi(domain, "sensor", "SENSOR_READING_GET", { sensorId: 0, flags: id })],
    [
      2,
      () =>
        scmi(domain, "sensor", "SENSOR_TRIP_POINT_CONFIG", {
          sensorId: 0,
          tripPointEventControl: random.below(4),
          value: 25,
        }),
    ],
    [3, () => scmi(domain, "clock", "CLOCK_RATE_NOTIFY", { clockId: id, notifyEnable: on })],
    [2, () => scmi(domain, "clock", "CLOCK_RATE_CHANGE_REQUESTED_NOTIFY", { clockId: id, notifyEnable: on })],
    [3, () => scmi(domain, "power", "POWER_STATE_NOTIFY", { domainId: id, notifyEnable: on })],
    [2, () => scmi(domain, "reset", "RESET_NOTIFY", { domainId: 0, notifyEnable: on })],
    [2, () => scmi(domain, "sensor", "SENSOR_TRIP_POINT_NOTIFY", { sensorId: 0, sensorEventControl: on })],
    [
      2,
      () =>
        scmi(domain, "sensor", "SENSOR_CONTINUOUS_UPDATE_NOTIFY", { sensorId: 0, sensorEventControl: on }),
    ],
    [6, () => ({ kind: "sensor.set", sensorId: 0, readings: [random.below(50)] })],
    [14, () => ({ kind: "p2a.acknowledge", domain })],
    [10, () => ({ kind: "firmware.complete", agentId: null, protocol: null })],
    [1, () => ({ kind: "agent.reset", agentId: 2, permissions: false })],
  ]);
}

function sentBy({ events }: Decision): readonly SentByFirmware[] {
  return events.flatMap(({ data }) => {
    const { sent = [], notifications = [] } = data as {
      sent?: SentByFirmware[];
      notifications?: SentByFirmware[];
    };
    return [...sent, ...notifications];
  });
}

describe.each(Array.from({ length: SEEDS }, (_, seed) => seed))("a talking firmware, seed %i", (seed) => {
  test("rebuild is live and verify finds nothing", () => {
    const random = new Random(seed);
    const recording = new Recording(boards[seed % boards.length] as HostDescription);
    recording.db.exec("BEGIN");
    for (const command of [guest("red", 2), guest("blue", 3)]) recording.do(command);
    const sent = Array.from({ length: COMMANDS }, (_, i) => {
      if (i === COMMANDS / 2) recording.keepSnapshot();
      return sentBy(recording.do(talk(random)));
    }).flat();
    recording.db.exec("COMMIT");

    const outcomes = new Set(sent.map(({ outcome }) => outcome));
    expect([...outcomes]).toEqual(expect.arrayContaining(["sent", seed % 2 === 0 ? "queued" : "dropped"]));
    const types = new Set(
      sent.map(({ header }) => `${(header >>> 10) & 0xff}/${(header >>> 8) & 3}/${header & 0xff}`),
    );
    expect(types.size).toBeGreaterThan(8);
    expect(toHex(recording.rebuilt().digest())).toBe(toHex(recording.machine.digest()));
    expect(recording.verify()).toMatchObject({ divergenceCount: 0 });
  });
});

describe("an altered log", () => {
  let recording: Recording;
  beforeAll(() => {
    recording = new Recording(boards[0] as HostDescription);
    for (const command of [
      guest("red", 2),
      guest("blue", 3),
      scmi("blue", "clock", "CLOCK_RATE_NOTIFY", { clockId: 0, notifyEnable: 1 }),
      scmi("red", "clock", "CLOCK_RATE_SET", { flags: 0, clockId: 0, rate: 1_843_200 }),
      scmi("red", "clock", "CLOCK_RATE_SET", { flags: 1, clockId: 0, rate: 24_000_000 }),
      { kind: "firmware.complete", agentId: null, protocol: null } as const,
      { kind: "p2a.acknowledge", domain: "blue" } as const,
      { kind: "sensor.set", sensorId: 0, readings: [21] } as const,
    ]) {
      recording.do(command);
    }
  });

  test.each([
    ["smc.forwarded", /^data\.notifications/],
    ["scmi.completed", /^data\.sent/],
    ["p2a.acknowledged", /^data\.(message|sent)/],
    ["sensor.changed", /^data\.|^undecodable/],
  ])("a byte of what was sent in %s is told at its seq", (type, path) => {
    const { db } = recording;
    const { seq, body } = db
      .prepare("SELECT seq, body FROM events WHERE type = ? ORDER BY seq DESC LIMIT 1 OFFSET ?")
      .get(type, type === "smc.forwarded" ? 1 : 0) as { seq: number; body: Buffer };
    // The last hex digit or byte of a payload that can be another one.
    const altered = Buffer.from(body);
    const at = type === "smc.forwarded" ? payloadByte(altered) : jsonDigit(altered);
    altered[at] = (altered[at] as number) ^ 1;
    recording.alter("UPDATE events SET body = ? WHERE seq = ?", altered, seq);
    const { divergences } = recording.verify();
    recording.alter("UPDATE events SET body = ? WHERE seq = ?", body, seq);
    expect(divergences.map((divergence) => divergence.seq)).toEqual([seq]);
    expect(divergences[0]?.path).toMatch(path);
    expect(recording.verify()).toMatchObject({ divergenceCount: 0 });
  });
});

/** A byte of the notification's payload: its clock's rate. */
function payloadByte(body: Buffer): number {
  const rate = Buffer.from([0x00, 0x20, 0x1c, 0x00, 0, 0, 0, 0]);
  const at = body.lastIndexOf(rate);
  if (at < 0) throw new Error("the rate is not in the body");
  return at + 1;
}

/** The first digit of the last payload in the body's JSON, or of the reading. */
function jsonDigit(body: Buffer): number {
  const text = body.toString("latin1");
  const at = text.lastIndexOf('"payload":"');
  return at < 0 ? text.indexOf('"readings":[') + 12 : at + 11;
}
