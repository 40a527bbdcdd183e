import { DEVICES, FUNCTION_PREFIX, PIN_ALTERNATES, PIN_FUNCTIONS, PINS, RESETS } from "./rpi5-tables.ts";

/** A function of pins as a board file has it. */
interface WrittenFunction {
  readonly id: number;
  readonly name: string;
}

/** The resources of Raspberry Pi 5's firmware, as a board file would write them. */
export function rpi5Resources(): Readonly<Record<string, readonly object[]>> {
  const groups = PINS.map((_, id) => id);
  const functions = PIN_FUNCTIONS.map((name, id) => ({ id, name: FUNCTION_PREFIX + name, groups }));
  return {
    resets: RESETS.map((name, id) => ({ id, name })),
    pins: PINS.map((name, id) => ({ id, name, alternates: rpi5Alternates(name, functions) })),
    groups: PINS.map((name, id) => ({ id, name, pins: [id] })),
    functions,
    devices: DEVICES.map((device, id) => ({ id, ...device })),
  };
}

/** The alternates of a pin, by the ids that a board gives to its functions; null where the board has no such function. */
export function rpi5Alternates(pin: string, functions: readonly WrittenFunction[]): (number | null)[] {
  const names = PIN_ALTERNATES.get(pin) ?? [];
  return names.map((name) => {
    const found = functions.find((each) => each.name === name || each.name === FUNCTION_PREFIX + name);
    return name === null ? null : (found?.id ?? null);
  });
}
