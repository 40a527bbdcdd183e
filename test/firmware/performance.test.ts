import { describe, expect, test } from "vitest";
import { board } from "./support/boards.ts";
import { TestFirmware } from "./support/firmware.ts";
import { level, nameWords, performanceDomain, resourceBoard } from "./support/resource-board.ts";

/** Performance domain management of `v32`. Callers: 1 holds domain 0, 2 holds nothing. */

const NONE = 0xffff_ffff;
const GAP = 2;
const ABOVE = 4;

function callsOf(firmware: TestFirmware, agentId: number) {
  return (message: string, ...payload: number[]) =>
    firmware.call(agentId, "performance", message, ...payload);
}

test("what the protocol tells of itself", () => {
  const call = callsOf(new TestFirmware(resourceBoard("v32")), 2);
  expect(call("PROTOCOL_VERSION")).toEqual([0, 0x4_0000]);
  // Power in mW, four domains by the highest id; no statistics.
  expect(call("PROTOCOL_ATTRIBUTES")).toEqual([0, 0x1_0004, 0, 0, 0]);
  const attributes = [0x0, 0x1, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7, 0x8, 0x9, 0xa, 0xb, 0xc, 0x10].map((id) =>
    call("PROTOCOL_MESSAGE_ATTRIBUTES", id),
  );
  // Some domain has a fast channel for LIMITS_SET and LEVEL_SET.
  expect(attributes.map(([status, word]) => [status, word])).toEqual(
    [0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0].map((fastChannel) => [0, fastChannel]),
  );
});

describe("a domain's attributes", () => {
  test("tell who may set it", () => {
    const firmware = new TestFirmware(resourceBoard("v32"));
    const rest = [50, 1_500_000, 1500, ...nameWords("cpu", 16)];
    expect(callsOf(firmware, 1)("PERFORMANCE_DOMAIN_ATTRIBUTES", 0)).toEqual([0, 0xf800_0000, ...rest]);
    expect(callsOf(firmware, 2)("PERFORMANCE_DOMAIN_ATTRIBUTES", 0)).toEqual([0, 0x3800_0000, ...rest]);
  });

  test("tell of a long name, of level indexing, and that it does not notify", () => {
    const call = callsOf(new TestFirmware(resourceBoard("v32")), 2);
    expect(call("PERFORMANCE_DOMAIN_ATTRIBUTES", 1)).toEqual([
      0,
      0xc600_0000,
      0,
      400,
      400,
      ...nameWords("gpu-with-a-long", 16),
    ]);
    const name = [0, 0, ...nameWords("gpu-with-a-long-name", 64)];
    expect(call("PERFORMANCE_DOMAIN_NAME_GET", 1)).toEqual(name);
  });

  test("without notifications, tell of none", () => {
    const call = callsOf(new TestFirmware(resourceBoard("v32", { switches: { notifications: false } })), 1);
    expect(call("PERFORMANCE_DOMAIN_ATTRIBUTES", 0)[1]).toBe(0xc800_0000);
  });
});

describe("levels", () => {
  test("have five words each", () => {
    const call = callsOf(new TestFirmware(resourceBoard("v32")), 2);
    expect(call("PERFORMANCE_DESCRIBE_LEVELS", 0, 1)).toEqual([
      ...[0, 2],
      ...[1000, 200, 10, 1_000_000, 1],
      ...[1500, 300, 10, 1_500_000, 2],
    ]);
  });

  test.each([100, 28, 4068])("are walked to the end in answers of %i bytes", (maxListPayload) => {
    const call = callsOf(new TestFirmware(resourceBoard("v32", { switches: { maxListPayload } })), 2);
    const walked: number[] = [];
    let messages = 0;
    for (let index = 0, remaining = 1; remaining > 0; messages += 1) {
      const [status, word = 0, ...words] = call("PERFORMANCE_DESCRIBE_LEVELS", 3, index);
      expect([status, words.length]).toEqual([0, 5 * (word & 0xfff)]);
      walked.push(...words.filter((_, i) => i % 5 === 0));
      index += word & 0xfff;
      remaining = word >>> 16;
    }
    expect(walked).toEqual(Array.from({ length: 12 }, (_, i) => 10 + i));
    expect(messages).toBe({ 100: 3, 28: 12, 4068: 1 }[maxListPayload]);
  });

  test("are set and read by value", () => {
    const firmware = new TestFirmware(resourceBoard("v32"));
    const call = callsOf(firmware, 1);
    expect(call("PERFORMANCE_LEVEL_GET", 0)).toEqual([0, 1000]);
    expect(call("PERFORMANCE_LEVEL_SET", 0, 1500)).toEqual([0]);
    expect(callsOf(firmware, 2)("PERFORMANCE_LEVEL_GET", 0)).toEqual([0, 1500]);
    expect(firmware.state.performance.get(0)).toEqual({ level: 1500, min: 500, max: 1500 });
  });

  test("are set and read by index where the domain says so", () => {
    const call = callsOf(new TestFirmware(resourceBoard("v32")), 2);
    // Of the board file, level 200 is index 1, and limits of 1 and 400 are indexes 1 and 3.
    expect(call("PERFORMANCE_LEVEL_GET", 1)).toEqual([0, 1]);
    expect(call("PERFORMANCE_LIMITS_GET", 1)).toEqual([0, 3, 1]);
    expect(call("PERFORMANCE_LEVEL_SET", 1, 3)).toEqual([0]);
    expect(call("PERFORMANCE_LEVEL_GET", 1)).toEqual([0, 3]);
    expect(call("PERFORMANCE_LEVEL_SET", 1, 200)).toEqual([-5 >>> 0]);
  });

  test("of an unsaid kind follow the switch", () => {
    const config = board("v32", {
      protocols: ["performance"],
      performanceDomains: [performanceDomain(0, "p", { levels: [level(7), level(9)], level: 9 })],
      switches: { levelIndexing: true },
    });
    const call = callsOf(new TestFirmware(config), 2);
    expect(call("PERFORMANCE_LEVEL_GET", 0)).toEqual([0, 1]);
    expect(call("PERFORMANCE_DOMAIN_ATTRIBUTES", 0)[1]).toBe(0xf200_0000);
  });
});

describe("limits", () => {
  test("are kept, and move the level that they leave out to the nearest", () => {
    const firmware = new TestFirmware(resourceBoard("v32"));
    const call = callsOf(firmware, 1);
    expect(call("PERFORMANCE_LIMITS_SET", 0, 1400, 1100)).toEqual([0]);
    expect(call("PERFORMANCE_LIMITS_GET", 0)).toEqual([0, 1400, 1100]);
    // No level lies between them: the domain stays where it is.
    expect(call("PERFORMANCE_LEVEL_GET", 0)).toEqual([0, 1000]);
    expect(call("PERFORMANCE_LIMITS_SET", 0, 1500, 1500)).toEqual([0]);
    expect(call("PERFORMANCE_LEVEL_GET", 0)).toEqual([0, 1500]);
    expect(call("PERFORMANCE_LIMITS_SET", 0, 999, 500)).toEqual([0]);
    expect(call("PERFORMANCE_LEVEL_GET", 0)).toEqual([0, 500]);
    expect(firmware.state.performance.get(0)).toEqual({ level: 500, min: 500, max: 999, limitsBy: 1 });
  });

  test("of 0 are left as they are", () => {
    const call = callsOf(new TestFirmware(resourceBoard("v32")), 1);
    expect(call("PERFORMANCE_LIMITS_SET", 0, 1000, 0)).toEqual([0]);
    expect(call("PERFORMANCE_LIMITS_GET", 0)).toEqual([0, 1000, 500]);
    expect(call("PERFORMANCE_LIMITS_SET", 0, 0, 1000)).toEqual([0]);
    expect(call("PERFORMANCE_LIMITS_GET", 0)).toEqual([0, 1000, 1000]);
  });

  test("bound the level", () => {
    const firmware = new TestFirmware(resourceBoard("v32"));
    callsOf(firmware, 1)("PERFORMANCE_LIMITS_SET", 0, 1000, 1000);
    const set = (value: number) => firmware.status(1, "performance", "PERFORMANCE_LEVEL_SET", 0, value);
    expect([500, 1000, 1500].map(set)).toEqual(["OUT_OF_RANGE", "SUCCESS", "OUT_OF_RANGE"]);
  });

  test("that an agent set go when it is reset, and only those", () => {
    const firmware = new TestFirmware(resourceBoard("v32"));
    callsOf(firmware, 1)("PERFORMANCE_LIMITS_SET", 0, 1500, 1500);
    callsOf(firmware, 2)("PERFORMANCE_LIMITS_SET", 3, 12, 11);
    expect(firmware.status(0, "base", "BASE_RESET_AGENT_CONFIGURATION", 1, 0)).toBe("SUCCESS");
    expect(firmware.state.performance.get(0)).toEqual({ level: 1500, min: 500, max: 1500 });
    expect(firmware.state.performance.get(3)).toMatchObject({ min: 11, max: 12 });
  });
});

describe("fast channels are described", () => {
  const call = callsOf(new TestFirmware(resourceBoard("v32")), 2);

  test("of limits, without a doorbell", () => {
    const words = [0, 0, 0, 0x4000_0000, 0, 8, 0, 0, 0, 0, 0, 0];
    expect(call("PERFORMANCE_DESCRIBE_FASTCHANNEL", 0, 0x5)).toEqual(words);
  });

  test("of a level, with a doorbell", () => {
    const words = [0, 0b101, 7, 0x4000_0010, 1, 4, 0x4001_0000, 0, 1, 1, 0xffff_fffe, 0];
    expect(call("PERFORMANCE_DESCRIBE_FASTCHANNEL", 0, 0x7)).toEqual(words);
  });
});

test("agents ask to be told of limits and of levels, each for itself", () => {
  const firmware = new TestFirmware(resourceBoard("v32"));
  expect(firmware.status(2, "performance", "PERFORMANCE_NOTIFY_LIMITS", 0, 1)).toBe("SUCCESS");
  expect(firmware.status(1, "performance", "PERFORMANCE_NOTIFY_LEVEL", 3, 1)).toBe("SUCCESS");
  expect(firmware.state.subscription.get(2)).toEqual({ "performance.PERFORMANCE_NOTIFY_LIMITS.0": true });
  expect(firmware.state.subscription.get(1)).toEqual({ "performance.PERFORMANCE_NOTIFY_LEVEL.3": true });
  expect(firmware.status(2, "performance", "PERFORMANCE_NOTIFY_LIMITS", 0, 0)).toBe("SUCCESS");
  expect(firmware.state.subscription.get(2)).toBe(undefined);
});

/** Each row of a command makes good one more fault than the row above, and the last succeeds. */
const CHECKS: Readonly<
  Record<string, readonly (readonly [status: string, caller: number, ...payload: number[]])[]>
> = {
  PROTOCOL_VERSION: [
    ["PROTOCOL_ERROR", 2, 0],
    ["SUCCESS", 2],
  ],
  PROTOCOL_ATTRIBUTES: [
    ["PROTOCOL_ERROR", 2, 0],
    ["SUCCESS", 2],
  ],
  PROTOCOL_MESSAGE_ATTRIBUTES: [
    ["PROTOCOL_ERROR", 2],
    ["NOT_FOUND", 2, 0xd],
    ["NOT_FOUND", 2, NONE],
    ["SUCCESS", 2, 0xc],
  ],
  PERFORMANCE_DOMAIN_ATTRIBUTES: [
    ["PROTOCOL_ERROR", 2],
    ["PROTOCOL_ERROR", 2, 0, 0],
    ["NOT_FOUND", 2, ABOVE],
    ["NOT_FOUND", 2, GAP],
    ["NOT_FOUND", 2, 0x1_0000],
    ["SUCCESS", 2, 0],
  ],
  PERFORMANCE_DESCRIBE_LEVELS: [
    ["PROTOCOL_ERROR", 2, ABOVE],
    ["NOT_FOUND", 2, ABOVE, NONE],
    ["NOT_FOUND", 2, GAP, NONE],
    ["OUT_OF_RANGE", 2, 0, NONE],
    ["OUT_OF_RANGE", 2, 0, 3],
    ["SUCCESS", 2, 0, 2],
  ],
  PERFORMANCE_LIMITS_SET: [
    ["PROTOCOL_ERROR", 2, ABOVE, 0],
    ["NOT_FOUND", 2, ABOVE, 0, 0],
    ["NOT_FOUND", 2, GAP, 0, 0],
    ["DENIED", 2, 0, 0, 0],
    ["OUT_OF_RANGE", 1, 0, 0, 0],
    ["OUT_OF_RANGE", 1, 0, NONE, NONE],
    ["OUT_OF_RANGE", 1, 0, 1501, 1500],
    ["OUT_OF_RANGE", 1, 0, 500, 499],
    ["INVALID_PARAMETERS", 1, 0, 500, 1500],
    ["SUCCESS", 1, 0, 1500, 500],
  ],
  PERFORMANCE_LIMITS_GET: [
    ["PROTOCOL_ERROR", 2],
    ["NOT_FOUND", 2, ABOVE],
    ["NOT_FOUND", 2, GAP],
    ["SUCCESS", 2, 0],
  ],
  PERFORMANCE_LEVEL_SET: [
    ["PROTOCOL_ERROR", 2, ABOVE],
    ["NOT_FOUND", 2, ABOVE, NONE],
    ["NOT_FOUND", 2, GAP, NONE],
    ["DENIED", 2, 0, NONE],
    ["OUT_OF_RANGE", 1, 0, NONE],
    ["OUT_OF_RANGE", 1, 0, 0],
    // Within the limits, and no level.
    ["OUT_OF_RANGE", 1, 0, 1001],
    ["SUCCESS", 1, 0, 500],
  ],
  PERFORMANCE_LEVEL_GET: [
    ["PROTOCOL_ERROR", 2, 0, 0],
    ["NOT_FOUND", 2, ABOVE],
    ["NOT_FOUND", 2, GAP],
    ["SUCCESS", 2, 0],
  ],
  // Whoever may read the level may be told of it.
  PERFORMANCE_NOTIFY_LIMITS: [
    ["PROTOCOL_ERROR", 2, ABOVE],
    ["NOT_FOUND", 2, ABOVE, NONE],
    ["NOT_FOUND", 2, GAP, NONE],
    ["INVALID_PARAMETERS", 2, 1, NONE],
    ["INVALID_PARAMETERS", 2, 0, 2],
    ["NOT_SUPPORTED", 2, 1, 1],
    ["SUCCESS", 2, 0, 1],
  ],
  PERFORMANCE_NOTIFY_LEVEL: [
    ["PROTOCOL_ERROR", 2, ABOVE],
    ["NOT_FOUND", 2, ABOVE, NONE],
    ["INVALID_PARAMETERS", 2, 1, 0xff],
    ["NOT_SUPPORTED", 2, 1, 0],
    ["SUCCESS", 2, 0, 1],
  ],
  PERFORMANCE_DESCRIBE_FASTCHANNEL: [
    ["PROTOCOL_ERROR", 2, ABOVE],
    ["NOT_FOUND", 2, ABOVE, NONE],
    ["NOT_FOUND", 2, GAP, NONE],
    ["NOT_SUPPORTED", 2, 1, NONE],
    ["NOT_FOUND", 2, 0, NONE],
    ["NOT_FOUND", 2, 0, 0xd],
    ["NOT_SUPPORTED", 2, 0, 0x4],
    ["NOT_SUPPORTED", 2, 0, 0x6],
    ["SUCCESS", 2, 0, 0x7],
  ],
  PERFORMANCE_DOMAIN_NAME_GET: [
    ["PROTOCOL_ERROR", 2],
    ["NOT_FOUND", 2, ABOVE],
    ["NOT_FOUND", 2, GAP],
    ["SUCCESS", 2, 0],
  ],
  NEGOTIATE_PROTOCOL_VERSION: [
    ["PROTOCOL_ERROR", 2],
    ["NOT_SUPPORTED", 2, 0x3_0000],
    ["NOT_SUPPORTED", 2, 0x4_0001],
    ["SUCCESS", 2, 0x4_0000],
  ],
};

test.each(Object.entries(CHECKS))("checks of %s", (message, rows) => {
  const answers = rows.map(([, caller, ...payload]) =>
    new TestFirmware(resourceBoard("v32")).status(caller, "performance", message, ...payload),
  );
  expect(answers).toEqual(rows.map(([status]) => status));
});

test("a Linux agent's probe meets no unexpected status", () => {
  const firmware = new TestFirmware(resourceBoard("v32"));
  const call = (message: string, ...payload: number[]) => {
    const [status, ...words] = firmware.call(2, "performance", message, ...payload);
    expect([message, payload, status]).toEqual([message, payload, 0]);
    return words;
  };
  call("PROTOCOL_VERSION");
  const [attributes = 0] = call("PROTOCOL_ATTRIBUTES");
  for (const notify of [0x9, 0xa]) call("PROTOCOL_MESSAGE_ATTRIBUTES", notify);
  // Linux asks for every id below the count; a gap is NOT_FOUND, and is passed over.
  const domains = Array.from({ length: attributes & 0xffff }, (_, id) => id).filter((id) => id !== GAP);
  for (const id of domains) {
    const [flags = 0] = call("PERFORMANCE_DOMAIN_ATTRIBUTES", id);
    if ((flags & (1 << 26)) !== 0) call("PERFORMANCE_DOMAIN_NAME_GET", id);
    for (let index = 0, remaining = 1; remaining > 0; ) {
      const [word = 0] = call("PERFORMANCE_DESCRIBE_LEVELS", id, index);
      index += word & 0xfff;
      remaining = word >>> 16;
    }
    if ((flags & (1 << 27)) === 0) continue;
    const described = [5, 6, 7, 8].map((command) =>
      firmware.status(2, "performance", "PERFORMANCE_DESCRIBE_FASTCHANNEL", id, command),
    );
    expect(described).toEqual(["SUCCESS", "NOT_SUPPORTED", "SUCCESS", "NOT_SUPPORTED"]);
  }
});
