import type { PinFunctionConfig } from "./board.ts";
import { absent, asciiName, field, flag, left, leftNull, list, record, resourceId } from "./fields.ts";

const ids = (what: string) => list(resourceId(), `${what} ids`);

/** A function id, or null. */
const alternate = field("a function id, or null", (value) => {
  if (value === null) return null;
  const id = resourceId().safeParse(value);
  return id.success ? id.data : undefined;
});

export const PinSchema = record({
  id: resourceId().describe("Pin id."),
  name: asciiName().describe("Name."),
  function: leftNull(resourceId(), "none").describe("Function at power-on."),
  alternates: left(list(alternate, "function ids, or null"), []).describe(
    "Functions that its multiplexer's values 1, 2, … select, null where one selects none (of profile ref-rpi5).",
  ),
  absent: absent(),
});

export const PinGroupSchema = record({
  id: resourceId().describe("Group id."),
  name: asciiName().describe("Name."),
  pins: ids("pin").describe("Its pins."),
});

/** The fields of a function as they are written. */
const PinFunctionFields = record({
  id: resourceId().describe("Function id."),
  name: asciiName().describe("Name."),
  groups: leftNull(ids("group"), "none").describe("Groups that can have it."),
  pins: leftNull(ids("pin"), "none").describe("Pins that can have it, instead of `groups`."),
  gpio: left(flag(), false).describe("Whether it supports GPIO."),
});

/** A function of the board file: one of groups, or one of pins. */
export const PinFunctionSchema = PinFunctionFields.transform((given, ctx): PinFunctionConfig => {
  const { groups, pins } = given;
  if ((groups === null) === (pins === null)) {
    const found = groups === null ? "neither groups nor pins" : "both groups and pins";
    const message = `found ${found}, allowed is one of them`;
    ctx.issues.push({ code: "custom", input: given, path: [groups === null ? "groups" : "pins"], message });
  }
  return given;
});
