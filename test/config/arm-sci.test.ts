import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { SERIES_VERSIONS, type SeriesVersion } from "#config/board/board.ts";
import { parseArmSci } from "#config/xlcfg/arm-sci.ts";

const NONE = { type: "none", agentId: 0 };
const SINGLE = { type: "scmi_smc", agentId: 0 };

function agent(agentId: number) {
  return { type: "scmi_smc_multiagent", agentId };
}

function refusal(text: string, version: SeriesVersion = "v10"): string {
  const sci = parseArmSci(text, version);
  if (!isProblem(sci)) throw new Error("the option was accepted");
  expect(sci).toMatchObject({ code: "xlcfg-invalid", errno: "EINVAL" });
  return sci.detail.replace("the xl.cfg is refused: arm_sci: ", "");
}

test.each([
  ["type=scmi_smc_multiagent,agent_id=2", agent(2)],
  ["agent_id=2,type=scmi_smc_multiagent", agent(2)],
  ["type=none", NONE],
  ["type=scmi_smc", SINGLE],
  ["", NONE],
  [",", NONE],
  [",,type=scmi_smc,,", SINGLE],
  // Case counts in keys, not in types
  ["type=SCMI_SMC", SINGLE],
  ["type=Scmi_Smc_MultiAgent,agent_id=3", agent(3)],
  ["Type=scmi_smc", NONE],
  ["type=scmi_smc_multiagent,Agent_id=3", agent(0)],
  // Pieces that xl does not know, a leading blank being enough for that
  ["type=scmi_smc_multiagent, agent_id=3", agent(0)],
  [" type=scmi_smc", NONE],
  ["type=scmi_smc_multiagent,agent-id=3", agent(0)],
  ["type=scmi_smc_multiagent,agent_id =3", agent(0)],
  ["type =scmi_smc", NONE],
  ["scmi_smc", NONE],
  ["foo", NONE],
  ["foo=bar,type=scmi_smc", SINGLE],
  // Repeated keys
  ["type=scmi_smc,type=none", NONE],
  ["type=scmi_smc_multiagent,agent_id=3,agent_id=4", agent(4)],
  // Missing keys
  ["agent_id=5", NONE],
  ["type=scmi_smc_multiagent", agent(0)],
  ["type=scmi_smc,agent_id=5", SINGLE],
  ["type=none,agent_id=5", NONE],
])("%j", (text, expected) => {
  expect(parseArmSci(text, "v10")).toEqual(expected);
});

describe("agent_id, as C's strtoul reads it", () => {
  test.each([
    ["2", 2],
    [" 2", 2],
    ["\t\n\v\f\r2", 2],
    ["+2", 2],
    ["02", 2],
    ["2abc", 2],
    ["2.9", 2],
    ["2 ", 2],
    ["2=3", 2],
    ["0x2", 0],
    ["0", 0],
    ["-0", 0],
    ["254", 254],
    // A minus wraps round: 2^64 - (2^64 - 1)
    ["-18446744073709551615", 1],
  ])("%j is %d", (written, agentId) => {
    for (const version of ["v10", "v11"] as const) {
      expect(parseArmSci(`type=scmi_smc_multiagent,agent_id=${written}`, version)).toEqual(agent(agentId));
    }
  });

  test.each([
    ["255", "invalid agent_id 255, allowed is 0 to 254 (v10)"],
    ["256", "invalid agent_id 256, allowed is 0 to 254 (v10)"],
    ["4294967298", "invalid agent_id 4294967298, allowed is 0 to 254 (v10)"],
    ["-2", "invalid agent_id 18446744073709551614, allowed is 0 to 254 (v10)"],
    ["-1", 'failed to convert agent_id "-1", allowed is a decimal number'],
    ["18446744073709551614", "invalid agent_id 18446744073709551614, allowed is 0 to 254 (v10)"],
    ["18446744073709551615", 'failed to convert agent_id "18446744073709551615"'],
    ["18446744073709551616", 'failed to convert agent_id "18446744073709551616"'],
    ["-18446744073709551616", 'failed to convert agent_id "-18446744073709551616"'],
    ["9".repeat(10_000), "failed to convert agent_id"],
    ["", 'failed to convert agent_id "", allowed is a decimal number'],
    ["x", 'failed to convert agent_id "x", allowed is a decimal number'],
    [" ", 'failed to convert agent_id " "'],
    ["+", 'failed to convert agent_id "+"'],
    ["+ 2", 'failed to convert agent_id "+ 2"'],
    ["--2", 'failed to convert agent_id "--2"'],
    ["\u00a02", "failed to convert agent_id"],
    ["\u0662", "failed to convert agent_id"],
  ])("%j is refused", (written, expected) => {
    expect(refusal(`type=scmi_smc_multiagent,agent_id=${written}`).slice(0, expected.length)).toBe(expected);
  });

  test("is refused whatever the type, and although a later one would do", () => {
    expect(refusal("type=scmi_smc,agent_id=255")).toMatch(/^invalid agent_id 255/);
    expect(refusal("agent_id=x")).toMatch(/^failed to convert/);
    expect(refusal("type=scmi_smc_multiagent,agent_id=255,agent_id=2")).toMatch(/^invalid agent_id 255/);
  });

  test("is accepted from 0 to 254 since v10, from 1 to 255 before", () => {
    const accepted = (version: SeriesVersion) =>
      [0, 1, 254, 255, 256].filter((id) => !isProblem(parseArmSci(`agent_id=${id}`, version)));
    for (const version of SERIES_VERSIONS) {
      const since10 = version === "v10" || version === "v11";
      expect(accepted(version)).toEqual(since10 ? [0, 1, 254] : [1, 254, 255]);
    }
  });

  test("that is missing is 0 in every version: no check is made of it", () => {
    for (const version of SERIES_VERSIONS) {
      expect(parseArmSci("type=scmi_smc_multiagent", version)).toEqual(agent(0));
    }
  });
});

test.each(["", "scmi", "scmi_smc ", " scmi_smc", "scmi_smc=1", "multiagent", "\u017fcmi_smc", "toString"])(
  "the type %j is refused",
  (type) => {
    const told = refusal(`type=${type}`);
    expect(told).toBe(`unknown type ${JSON.stringify(type)}, allowed is none, scmi_smc, scmi_smc_multiagent`);
  },
);

test("any text is read or refused", () => {
  const pieces = fc.constantFrom(
    "type=",
    "agent_id=",
    ",",
    "none",
    "scmi_smc",
    "_multiagent",
    "-",
    "1",
    " ",
    "x",
  );
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(pieces).map((all) => all.join("")),
  );
  fc.assert(
    fc.property(texts, fc.constantFrom(...SERIES_VERSIONS), (text, version) => {
      const sci = parseArmSci(text, version);
      if (!isProblem(sci)) expect(sci.agentId).toBeLessThanOrEqual(255);
    }),
  );
});

test("in the shipping product the option is the type itself", () => {
  expect(parseArmSci("scmi_smc", "bsp")).toEqual(SINGLE);
  expect(parseArmSci("none", "bsp")).toEqual(NONE);
  expect(parseArmSci("", "bsp")).toEqual(NONE);
  expect(isProblem(parseArmSci("scmi", "bsp"))).toBe(true);
  // Later versions ignore a piece that is no key.
  expect(parseArmSci("scmi_smc", "v10")).toEqual(NONE);
});
