import { expect, test } from "vitest";
import { script, types } from "../support/script.ts";
import { talking } from "../support/talking.ts";

test("a script asks, acknowledges, completes and measures, and two runs print the same", async () => {
  const host = await talking();
  const lines = [
    { do: "domain.create", name: "red", sci: { type: "scmi_smc_multiagent", agentId: 2 } },
    {
      do: "scmi",
      domid: "red",
      protocol: "sensor",
      message: "SENSOR_CONTINUOUS_UPDATE_NOTIFY",
      params: { sensorId: 0, sensorEventControl: 1 },
    },
    { do: "permission.set", agentId: 2, deviceId: 0, allowed: true },
    {
      do: "scmi",
      domid: "red",
      protocol: "clock",
      message: "CLOCK_RATE_SET",
      params: { "flags.async": true, clockId: "uart", rate: "1843200Hz" },
    },
    { do: "sensor.set", sensorId: 0, readings: 31, reason: "it gets warm" },
    { do: "firmware.complete", agentId: 2 },
    { do: "p2a.acknowledge", domid: "red" },
    { do: "p2a.acknowledge", domid: "red" },
    { do: "p2a.acknowledge", domid: "red" },
    { do: "firmware.complete" },
    {
      do: "scmi",
      domid: "red",
      protocol: "clock",
      message: "CLOCK_DESCRIBE_RATES",
      params: { clockId: 0 },
      all: true,
    },
  ];
  const play = () => {
    const machine = script(host);
    return lines.map((line) => machine.do(line));
  };
  const answers = play();
  expect(answers.map(types)).toEqual([
    ["domain.created"],
    ["smc.forwarded"],
    ["smc.forwarded"],
    ["smc.forwarded"],
    ["sensor.changed"],
    ["scmi.completed"],
    ["p2a.acknowledged"],
    ["p2a.acknowledged"],
    [],
    [],
    ["smc.forwarded"],
  ]);
  expect(answers[4]).toMatchObject({ result: { sent: [{ agentId: 2, outcome: "sent" }] } });
  expect(answers[5]?.events[0]).toMatchObject({
    agentId: 2,
    domid: 1,
    data: {
      status: "SUCCESS",
      sent: [{ outcome: "queued", decoded: { message: "CLOCK_RATE_SET_COMPLETE" } }],
    },
  });
  expect(answers[6]?.result).toMatchObject({ next: { outcome: "sent" } });
  expect(answers.map(({ problem }) => problem?.code)).toEqual([
    ...Array.from({ length: 8 }),
    "p2a-page-free",
    "nothing-pending",
    undefined,
  ]);
  expect(play()).toEqual(answers);
});

test("what a line cannot say is refused", async () => {
  const machine = script(await talking());
  for (const line of [
    { do: "p2a.acknowledge" },
    { do: "firmware.complete", agentId: -1 },
    { do: "firmware.complete", all: true },
    { do: "sensor.set", sensorId: 0 },
    { do: "sensor.set", sensorId: 0, readings: [1.5] },
    { do: "scmi", domid: 0, protocol: "clock", message: "CLOCK_DESCRIBE_RATES", params: {}, all: 1 },
  ]) {
    expect(machine.do(line)).toMatchObject({ ok: false, problem: { code: "request-invalid" } });
  }
});

test("the firmware finishes what it took before Xen booted, and after it panicked", async () => {
  const machine = script(await talking(), "power-on");
  expect(machine.do({ do: "firmware.complete" })).toMatchObject({ problem: { code: "nothing-pending" } });
  expect(machine.do({ do: "sensor.set", sensorId: 0, readings: 3 })).toMatchObject({ ok: true });
  expect(machine.do({ do: "p2a.acknowledge", domid: 0 })).toMatchObject({
    problem: { code: "host-not-booted" },
  });
});
