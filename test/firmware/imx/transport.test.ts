import { describe, expect, test } from "vitest";
import { packHeader } from "#scmi/header.ts";
import { Imx, NONE, ON } from "./board.ts";

const PROTOCOL_ERROR = 0xffff_fff6;
/** BASE PROTOCOL_VERSION with the last token. */
const VERSION = packHeader(0x10, 0, 0x3ff);

/** The first payload word in an agent's page. */
function status(imx: Imx, agentId: number): number {
  return new DataView(imx.page(agentId).bytes.buffer).getUint32(28, true);
}

test("a page is all zero at power-on, but for FREE", () => {
  const imx = new Imx();
  expect([...imx.page(0).bytes].filter((byte) => byte !== 0)).toEqual([1]);
});

test("a ring while the channel is FREE is as if there had been none", () => {
  const imx = new Imx();
  imx.write(0, { header: VERSION, payload: [], status: 1 });
  const before = [...imx.page(0).bytes];
  const { response, effects, xOut } = imx.ring(0);
  expect([response, effects, xOut[0]]).toEqual([null, [], 0n]);
  expect([...imx.page(0).bytes]).toEqual(before);
});

test("other bits of the status are ignored, and kept", () => {
  const imx = new Imx();
  const { channelStatus, length, header } = imx.exchange(0, VERSION, [], 0xffff_fffe);
  expect([channelStatus, length, header]).toEqual([0xffff_ffff, 12, VERSION]);
});

test("a length above 104 or below 4 is a PROTOCOL_ERROR; 104 is not", () => {
  for (const bad of [0, 3, 105, NONE]) {
    const imx = new Imx();
    const { length, header, channelStatus } = imx.exchange(0, VERSION, [], 0, bad);
    expect([length, header, channelStatus, status(imx, 0)]).toEqual([8, VERSION, 1, PROTOCOL_ERROR]);
  }
  const imx = new Imx();
  imx.exchange(0, VERSION, [], 0, 104);
  expect(status(imx, 0)).toBe(0);
});

test.each([1, 2, 3])("a message of type %i is a COMMS_ERROR", (type) => {
  const imx = new Imx();
  imx.exchange(0, packHeader(0x33, 0, 1, type), []);
  expect(status(imx, 0)).toBe(0xffff_fff9);
});

test("what there is not is NOT_SUPPORTED", () => {
  const imx = new Imx();
  expect([imx.raw(0, 0x18, 0), imx.raw(0, 0x14, 0x20, 1), imx.raw(0, 0x90, 0)]).toEqual([
    "NOT_SUPPORTED",
    "NOT_SUPPORTED",
    "NOT_SUPPORTED",
  ]);
});

describe("imxBugs", () => {
  const bugs = () => new Imx({ switches: { imxBugs: true } });

  test("a length below 4 takes the header of the message before, whoever sent it", () => {
    const imx = bugs();
    // Nothing was before: protocol 0.
    imx.exchange(0, VERSION, [], 0, 0);
    expect([status(imx, 0), imx.page(0).bytes[24]]).toEqual([NONE, 0]);
    imx.call(1, "clock", "CLOCK_RATE_GET", 0);
    const { header, length } = imx.exchange(0, VERSION, [], 0, 1);
    // Its first byte is the new one, the message id 0x00.
    expect([header, length, status(imx, 0)]).toEqual([0x5000, 8, PROTOCOL_ERROR]);
  });

  test("too long a message is answered with header 0", () => {
    const imx = bugs();
    const { header, length } = imx.exchange(0, VERSION, [], 0, 105);
    expect([header, length, status(imx, 0)]).toEqual([0, 8, PROTOCOL_ERROR]);
  });

  test("so is one under FREE, and keeps its length word", () => {
    const imx = bugs();
    const { header, length, channelStatus } = imx.exchange(0, VERSION, [1, 2], 1);
    expect([header, length, channelStatus, status(imx, 0)]).toEqual([0, 12, 1, PROTOCOL_ERROR]);
  });

  test("protocols 0x90 to 0x9f are the standard ones", () => {
    const imx = bugs();
    expect([imx.raw(0, 0x90, 0), imx.raw(0, 0x99, 0), imx.raw(0, 0x9f, 0), imx.raw(0, 0xa0, 0)]).toEqual([
      "SUCCESS",
      "SUCCESS",
      "NOT_SUPPORTED",
      "NOT_SUPPORTED",
    ]);
  });

  test("skip 0xffffffff lists base too", () => {
    const answer = bugs().call(0, "base", "BASE_DISCOVER_LIST_PROTOCOLS", NONE);
    expect(answer).toEqual([0, 9, 0x1312_1110, 0x1716_1514, 0x19]);
  });

  test("a short NEGOTIATE is NOT_SUPPORTED", () => {
    expect(bugs().status(0, "base", "NEGOTIATE_PROTOCOL_VERSION")).toBe("NOT_SUPPORTED");
  });

  test("what lay behind a name's NUL stays", () => {
    const imx = bugs();
    imx.page(0).bytes.fill(0xaa, 28);
    const answer = imx.call(0, "base", "BASE_DISCOVER_VENDOR");
    expect(answer).toEqual([0, 0x0050_584e, 0xaaaa_aaaa, 0xaaaa_aaaa, 0xaaaa_aaaa]);
    imx.page(1).bytes.fill(0xaa, 28);
    expect(imx.call(1, "power", "POWER_DOMAIN_ATTRIBUTES", 3)[2]).toBe(0x0075_706e);
  });

  test.each([
    [0x100, "SUCCESS", 0x4000_0000],
    [0x4000_0001, "SUCCESS", 1],
    [3, "SUCCESS", ON],
    [0x4000_0103, "SUCCESS", ON],
    [4, "INVALID_PARAMETERS", 0x4000_0000],
    [0, "SUCCESS", ON],
  ])("the power state %i is taken by its low byte", (word, answer, state) => {
    const imx = bugs();
    expect(imx.status(0, "power", "POWER_STATE_SET", 0, 3, word)).toBe(answer);
    expect(imx.call(0, "power", "POWER_STATE_GET", 3)[1]).toBe(state);
  });

  test("voltage modes 1 and 2 are off and on", () => {
    const imx = bugs();
    const set = (mode: number) => [
      imx.status(0, "voltage", "VOLTAGE_CONFIG_SET", 0, mode),
      imx.call(0, "voltage", "VOLTAGE_CONFIG_GET", 0)[1],
    ];
    expect([set(2), set(1), set(3)]).toEqual([
      ["SUCCESS", 7],
      ["SUCCESS", 0],
      ["INVALID_PARAMETERS", 0],
    ]);
  });

  test("a pin configuration that is a word short ends with what another agent sent", () => {
    const imx = bugs();
    imx.send(3, { header: packHeader(0x15, 0x5), payload: [0, 0, 0, 0, 0x77] });
    expect(imx.status(0, "pinctrl", "PINCTRL_SETTINGS_CONFIGURE", 0, 0, 4, 192)).toBe("SUCCESS");
    expect(imx.state.pin.get(0)).toEqual({ 192: 0x77 });
    expect(imx.status(0, "pinctrl", "PINCTRL_SETTINGS_CONFIGURE", 0, 0, 8, 192)).toBe("PROTOCOL_ERROR");
  });

  test("timestamps that a sensor does not have switch it off for the others; those it has stay on", () => {
    const imx = bugs();
    imx.call(0, "sensor", "SENSOR_CONFIG_SET", 1, 1);
    expect(imx.status(1, "sensor", "SENSOR_CONFIG_SET", 1, 3)).toBe("NOT_SUPPORTED");
    expect(imx.status(0, "sensor", "SENSOR_READING_GET", 1, 0)).toBe("PROTOCOL_ERROR");
    imx.call(0, "sensor", "SENSOR_CONFIG_SET", 0, 3);
    imx.call(0, "sensor", "SENSOR_CONFIG_SET", 0, 1);
    expect(imx.call(0, "sensor", "SENSOR_CONFIG_GET", 0)).toEqual([0, 3]);
  });
});

test("without imxBugs, timestamps that a sensor does not have change nothing", () => {
  const imx = new Imx();
  imx.call(0, "sensor", "SENSOR_CONFIG_SET", 1, 1);
  expect(imx.status(1, "sensor", "SENSOR_CONFIG_SET", 1, 3)).toBe("NOT_SUPPORTED");
  expect(imx.call(1, "sensor", "SENSOR_CONFIG_GET", 1)).toEqual([0, 1]);
});
