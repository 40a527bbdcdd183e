import { afterAll, beforeAll, expect, test } from "vitest";
import { inProcess } from "../support/in-process.ts";
import { RestHost } from "../support/rest.ts";
import { p2aOf, talking } from "../support/talking.ts";

let host: RestHost;
beforeAll(async () => {
  const plain = await talking();
  const devices = plain.board.firmware.devices.map((device) =>
    device.id === 0 ? { ...device, defaultAccess: [2, 3] } : device,
  );
  host = await RestHost.start({}, await talking({ devices }));
  await host.guest("red", 2);
  await host.guest("blue", 3);
});
afterAll(() => host.end());

const scmi = (domain: string, protocol: string, message: string, params: object, more: object = {}) =>
  host.post(`/v1/domains/${domain}/scmi`, { protocol, message, params, ...more });
const setRate = (rate: string, flags: object) =>
  scmi("red", "clock", "CLOCK_RATE_SET", { flags, clockId: "uart", rate });
const event = async (seq: number) => (await host.get(`/v1/events/${seq}`)).body;
const cli = async (...args: string[]) => inProcess([...args, "--url", host.url]);

test("a notification is in the event that caused it, in words too, and in the agent's page until it is read", async () => {
  await scmi("blue", "clock", "CLOCK_RATE_NOTIFY", { clockId: "uart", "notifyEnable.enable": true });
  const { body } = await setRate("1843200Hz", {});
  expect(await event(body.seq)).toMatchObject({
    type: "smc.forwarded",
    text:
      'domain: CLOCK_RATE_SET clock 0 "uart" 1843.2 kHz → SUCCESS; ' +
      'agent 3 is told CLOCK_RATE_CHANGED clock 0 "uart" 1843.2 kHz by agent 2',
    data: {
      notifications: [
        { agentId: 3, outcome: "sent", header: "0x5300", decoded: { message: "CLOCK_RATE_CHANGED" } },
      ],
    },
  });
  expect((await host.get("/v1/agents/3")).body).toMatchObject({
    id: 3,
    p2a: {
      page: `0x${p2aOf(3).toString(16)}`,
      message: { decoded: { message: "CLOCK_RATE_CHANGED", clockId: 0 } },
      waiting: [],
    },
    subscriptions: [{ protocol: "clock", command: "CLOCK_RATE_NOTIFY", resource: { id: 0, name: "uart" } }],
    pending: [],
  });

  const read = await host.post("/v1/domains/blue/p2a/ack", { reason: "read it" });
  expect(read).toMatchObject({ status: 200, body: { agentId: 3, next: null } });
  expect(await event(read.body.seq)).toMatchObject({
    type: "p2a.acknowledged",
    agentId: 3,
    reason: "read it",
    text: 'agent 3 read CLOCK_RATE_CHANGED clock 0 "uart" 1843.2 kHz by agent 2',
  });
  expect(await host.post("/v1/domains/blue/p2a/ack", {})).toMatchObject({
    status: 409,
    body: { code: "p2a-page-free" },
  });
  expect(await host.post("/v1/domains/Domain-0/p2a/ack", {})).toMatchObject({
    status: 409,
    body: { code: "agent-without-p2a" },
  });
});

test("an asynchronous command waits until somebody completes it; a repeated key completes it once", async () => {
  expect((await setRate("24MHz", { async: true })).body.status).toBe("SUCCESS");
  expect((await host.get("/v1/agents/2")).body.pending).toMatchObject([
    { protocol: "clock", message: "CLOCK_RATE_SET", request: { clockId: 0 } },
  ]);
  const path = "/v1/host/firmware/complete";
  expect((await host.post(path, { protocol: "nothing" })).body.code).toBe("scmi-unknown-message");
  expect((await host.post(path, { agentId: 3 })).body.code).toBe("nothing-pending");
  const done = await host.post(path, { agentId: 2, protocol: "clock" }, { "idempotency-key": "k" });
  expect(done).toMatchObject({
    status: 200,
    body: {
      agentId: 2,
      message: "CLOCK_RATE_SET",
      status: "SUCCESS",
      sent: [{ agentId: 3 }, { agentId: 2 }],
    },
  });
  expect((await event(done.body.seq)).text).toBe(
    'CLOCK_RATE_SET clock 0 "uart" 24 MHz async done → SUCCESS; ' +
      'agent 3 is told CLOCK_RATE_CHANGED clock 0 "uart" 24 MHz by agent 2; ' +
      'agent 2 is told CLOCK_RATE_SET_COMPLETE clock 0 "uart" 24 MHz → SUCCESS',
  );
  const again = await host.post(path, { agentId: 2, protocol: "clock" }, { "idempotency-key": "k" });
  expect(again.body).toEqual(done.body);
});

test("a sensor reads what it is set to", async () => {
  expect(await host.ask("PUT", "/v1/sensors/0", { body: { readings: -7 } })).toMatchObject({
    status: 200,
    body: { sensorId: 0, readings: [-7], sent: [] },
  });
  expect(await host.ask("PUT", "/v1/sensors/9", { body: { readings: 1 } })).toMatchObject({ status: 404 });
  expect(await host.ask("PUT", "/v1/sensors/0", { body: { readings: [1, 2] } })).toMatchObject({
    status: 422,
  });
  expect(await host.ask("PUT", "/v1/sensors/0", { body: { readings: [] } })).toMatchObject({ status: 400 });
  expect(
    (await scmi("red", "sensor", "SENSOR_READING_GET", { sensorId: "soc", flags: 0 })).body.result,
  ).toMatchObject({
    readings: [{ value: "-7" }],
  });
});

test("a refusal says why, and a list is walked", async () => {
  const denied = await scmi("red", "clock", "CLOCK_RATE_SET", { flags: 0, clockId: "gpu", rate: "400MHz" });
  expect((await event(denied.body.seq)).text).toBe(
    'domain: CLOCK_RATE_SET clock 1 "gpu" 400 MHz → DENIED: device gpu is not granted to agent 2',
  );
  const all = await scmi("red", "base", "BASE_DISCOVER_LIST_PROTOCOLS", {}, { all: true });
  expect(all.body).toMatchObject({
    status: "SUCCESS",
    result: { protocols: [0x11, 0x16, 0x14, 0x15] },
    transfers: [{ status: "SUCCESS" }, { status: "INVALID_PARAMETERS" }],
  });
});

test("the stream of events tells of it", async () => {
  const stream = await fetch(`${host.url}/v1/events/stream?type=scmi.completed&after=0`);
  let told = "";
  for await (const chunk of stream.body ?? []) {
    told += Buffer.from(chunk).toString();
    if (told.includes("\n\n", told.indexOf("data: "))) break;
  }
  expect(told).toMatch(/^event: scmi\.completed$/m);
  expect(JSON.parse(/^data: (.*)$/m.exec(told)?.[1] ?? "null")).toMatchObject({
    text: expect.stringContaining("agent 2 is told CLOCK_RATE_SET_COMPLETE"),
    data: { sent: [{ decoded: { message: "CLOCK_RATE_CHANGED" } }, { outcome: "sent" }] },
  });
});

test("scmictl shows it to a person", async () => {
  await host.post("/v1/host/reboot", {});
  await host.guest("red", 2);
  await host.guest("blue", 3);
  await scmi("blue", "clock", "CLOCK_RATE_NOTIFY", { clockId: 0, notifyEnable: 1 });
  const set = await cli(
    "scmi",
    "red",
    "clock",
    "CLOCK_RATE_SET",
    "clockId=uart",
    "rate=1843200",
    "flags.async=true",
  );
  expect(set).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^status: +SUCCESS\nevent: +\d+\n$/),
  });
  expect((await cli("agent", "show", "2")).stdout).toMatch(/^pending: +CLOCK_RATE_SET since \d+$/m);
  expect((await cli("host", "complete")).stdout).toMatch(
    /^clock CLOCK_RATE_SET of agent 2: SUCCESS, event \d+$/m,
  );
  const blue = (await cli("agent", "show", "3")).stdout;
  expect(blue).toMatch(/^told of: +CLOCK_RATE_NOTIFY 0 "uart"$/m);
  expect(blue).toMatch(/^in the page: +CLOCK_RATE_CHANGED clock 0 1843.2 kHz by agent 2$/m);
  expect((await cli("domain", "ack", "blue")).stdout).toMatch(/^read: +CLOCK_RATE_CHANGED clock 0/m);

  const rates = await cli("scmi", "red", "clock", "CLOCK_DESCRIBE_RATES", "clockId=uart", "--all");
  expect(rates.stdout).toMatch(/^rates: +1843.2 kHz, 24 MHz$/m);
  expect(rates.stdout).toMatch(/^numRatesFlags: +remaining 0, returned 2$/m);
  expect(rates.stdout).not.toMatch(/^request/m);
  const raw = await cli("scmi", "red", "clock", "CLOCK_RATE_GET", "clockId=0", "--raw");
  expect(raw.stdout).toMatch(/^request: +00000000$/m);
  expect(raw.stdout).toMatch(/^answer: +0000000000201c0000000000$/m);

  await cli("scmi", "red", "power", "POWER_STATE_SET", "flags=0", "domainId=always-on", "powerState=OFF");
  await cli("scmi", "red", "clock", "CLOCK_CONFIG_SET", "clockId=uart", "attributes.state=ENABLE");
  expect((await cli("agent", "show", "2")).stdout).toMatch(/^holds clocks: +0 "uart"$/m);
  expect((await cli("sensor", "set", "0", "-3")).stdout).toMatch(/^reads: +-3$/m);
  expect((await cli("log", "--limit", "1000")).stdout).toMatch(
    /scmi\.completed +domid \d+ +agent 2 +CLOCK_RATE_SET clock 0 "uart" 1843\.2 kHz async done → SUCCESS; agent 3 is told/,
  );
});

test("the log verifies", async () => {
  expect((await host.post("/v1/replay", {})).body).toMatchObject({ divergences: [] });
});
