import type {
  FirmwareConfig,
  PinConfig,
  PowerCapConfig,
  ProfileName,
  VoltageDomainConfig,
} from "#config/board/board.ts";
import { board, device } from "./boards.ts";

export function voltageDomain(
  id: number,
  name: string,
  more: Partial<VoltageDomainConfig> = {},
): VoltageDomainConfig {
  return { id, name, levels: [1_800_000], range: null, level: 1_800_000, mode: "off", ...more };
}

const FIXED = { min: 1000, max: 1000, step: 0 };

export function powerCap(id: number, name: string, more: Partial<PowerCapConfig> = {}): PowerCapConfig {
  return {
    id,
    name,
    parent: null,
    unit: "mW",
    range: { min: 500, max: 500, step: 0 },
    cap: 500,
    paiRange: FIXED,
    pai: 1000,
    caiRange: FIXED,
    cai: 1000,
    limits: [],
    sustainablePower: 0,
    accuracy: 0,
    power: null,
    ...more,
  };
}

export function pin(id: number, name: string, more: Partial<PinConfig> = {}): PinConfig {
  return { id, name, function: null, alternates: [], ...more };
}

/**
 * A board with voltage domains, power capping domains and pins. Agent 1 holds device 0, which guards voltage domain 0, power capping
 * domain 0 and pins 0 and 1; agent 2 holds nothing. Domains have a gap at id 2, and their highest id is 3; pins have a gap at 3.
 */
export function powerAndPins(profile: ProfileName, more: Partial<FirmwareConfig> = {}): FirmwareConfig {
  return board(profile, {
    protocols: ["voltage", "powercap", "pinctrl"],
    voltageDomains: [
      voltageDomain(0, "core", { levels: [-5000, 0, 900_000, 1_000_000], level: 900_000, mode: "on" }),
      voltageDomain(1, "gpu-and-display-rail", {
        levels: null,
        range: { min: -10_000, max: 1_200_000, step: 5000 },
        level: 500_000,
      }),
      voltageDomain(3, "vref"),
    ],
    powerCaps: [
      powerCap(0, "soc", {
        range: { min: 1000, max: 9000, step: 100 },
        cap: 9000,
        paiRange: { min: 1000, max: 100_000, step: 1000 },
        pai: 2000,
        caiRange: { min: 100, max: 900, step: 100 },
        cai: 300,
        limits: [
          { name: "peak", range: { min: 2000, max: 12_000, step: 10 }, cap: 0, caiRange: FIXED, cai: 1000 },
        ],
        sustainablePower: 5000,
        accuracy: 10,
        power: 3300,
      }),
      powerCap(1, "gpu-and-display-unit", { parent: 0, unit: "uW" }),
      powerCap(3, "rest", { parent: 0, unit: "abstract", range: { min: 1, max: 10, step: 1 }, cap: 10 }),
    ],
    pins: [pin(0, "tx", { function: 0 }), pin(1, "rx"), pin(2, "clock"), pin(4, "a-pin-of-a-long-name")],
    groups: [
      { id: 0, name: "uart", pins: [0, 1] },
      { id: 1, name: "spi", pins: [1, 2] },
      { id: 2, name: "free", pins: [2, 4] },
    ],
    functions: [
      { id: 0, name: "f_uart", groups: [0], pins: null, gpio: false },
      { id: 1, name: "f_gpio", groups: null, pins: [0, 1, 2, 4], gpio: true },
      { id: 2, name: "f_spi_controller", groups: [1, 2], pins: null, gpio: false },
    ],
    devices: [device(0, { voltageDomains: [0], powerCaps: [0], pins: [0, 1], defaultAccess: [1] })],
    ...more,
  });
}
