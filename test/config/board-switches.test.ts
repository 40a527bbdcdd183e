import { expect, test } from "vitest";
import { SwitchesSchema } from "#config/board/switch-fields.ts";
import { isSwitch, overridden, SWITCHES, type Switches } from "#config/board/switches.ts";

/** What somebody may write for a switch, or a program may hand on. */
const VALUES = [
  ...[
    true,
    false,
    "on",
    "off",
    "ON",
    "true",
    -1,
    0,
    1,
    28,
    255,
    256,
    4069,
    "0x10",
    2 ** 32,
    1.5,
    "",
    null,
    [],
  ],
  ...["SUCCESS", "DENIED", "INVALID_PARAMETERS", "ignore", "exact", "kept", "passed", "64-bit", "global"],
];

test.each(Object.keys(SWITCHES).filter(isSwitch))("%s is accepted as the board file reads it", (name) => {
  for (const value of VALUES) {
    const read = SwitchesSchema.safeParse({ [name]: value });
    if (read.success)
      expect([value, SWITCHES[name].accepts(read.data.switches[name])]).toEqual([value, true]);
    else expect([value, SWITCHES[name].accepts(value)]).toEqual([value, false]);
  }
});

test("words for true and hex numbers are the board file's: firmware takes values", () => {
  expect(SwitchesSchema.parse({ smtBusyLeak: "on", maxRequestPayload: "0x10" }).switches).toEqual({
    smtBusyLeak: true,
    maxRequestPayload: 16,
  });
  expect(SWITCHES.smtBusyLeak.accepts("on")).toBe(false);
  expect(SWITCHES.maxRequestPayload.accepts("0x10")).toBe(false);
});

test("a switch is told with what is allowed", () => {
  expect(SWITCHES.smtBusyLeak.allowed).toBe("true or false, on or off");
  expect(SWITCHES.sizeCheck.allowed).toBe("exact, atLeast");
  expect(SWITCHES.maxListPayload.allowed).toBe("a whole number from 28 to 4068");
});

test("overrides that are no switch, or no value of it, change nothing", () => {
  const profile = { smtBusyLeak: true, maxRequestPayload: 92 } as Switches;
  const overrides = { smtBusyLeak: "no", maxRequestPayload: 100, toString: 1 };
  expect(overridden(profile, overrides)).toEqual({ smtBusyLeak: true, maxRequestPayload: 100 });
});
